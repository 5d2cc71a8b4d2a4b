"""Pictures and videos with their axes in any order, and one convolution for all of them.

    python examples/layouts.py

A convolution takes its channels second, (samples, channels, height, width), as PyTorch has it. Where they come last,
one `movedim` brings them there and one brings the result back: the numbers are the same. A video has an axis more. A
kernel over three axes sees what moves from frame to frame; one over two sees each frame by itself, as if frames were
samples.
"""

import pellucid as pc
from pellucid import nn

pc.manual_seed(0)

# Pictures: (samples, channels, height, width) and (samples, height, width, channels).
conv = nn.Conv2d(3, 8, kernel_size=3, padding=1)
nchw = pc.rand(4, 3, 24, 32)
nhwc = nchw.movedim(1, -1)
y = conv(nchw)
y_last = conv(nhwc.movedim(-1, 1)).movedim(1, -1)
print(f"pictures {nchw.shape} -> {y.shape}")
print(f"         {nhwc.shape} -> {y_last.shape}, equal: {pc.equal(y, y_last.movedim(-1, 1))}")

# Videos: a square moves to the right, one pixel from frame to frame.
frames = []
for t in range(6):
    frame = pc.zeros(16, 16, 1)
    frame[4:8, 2 + t : 6 + t] = 1.0
    frames.append(frame)
video = pc.stack(frames).unsqueeze(0)  # (samples, frames, height, width, channels)

# Over three axes, channels second: what is here in this frame, and was not in the last.
motion = nn.Conv3d(1, 1, kernel_size=(2, 1, 1), bias=False)
motion.weight.data = pc.tensor([[[[[-1.0]], [[1.0]]]]])
moved = motion(video.movedim(-1, 1))
print(f"video    {video.shape} -> {moved.movedim(1, -1).shape}, each frame minus the last")
print(f"         appeared in columns {[int(column) for column in moved[0, 0, :, 5].argmax(-1).tolist()]}")
same = motion(video.movedim(-1, 2).transpose(1, 2))  # from (samples, frames, channels, height, width)
print(f"         {video.movedim(-1, 2).shape} gives the same: {pc.equal(moved, same)}")

# Over two axes: samples and frames become one axis, and two again.
edges = nn.Conv2d(1, 4, kernel_size=3, padding=1)
each_frame = edges(video.movedim(-1, 2).flatten(0, 1)).unflatten(0, (1, 6))
print(f"frames   {video.movedim(-1, 2).shape} -> {each_frame.shape}, each by itself")
