"""Steps as files of their own, which need neither Python nor this package."""
