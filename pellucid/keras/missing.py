"""What Keras has and this package has not, and what to use instead.

Each module asks here for names that it lacks. The table holds the names of Keras 3 (a test compares); a name that is in
neither is an AttributeError, as usual.
"""

from pellucid.errors import UnsupportedError

LAYERS = "pellucid.keras.layers"

# module -> what to use instead -> names
INSTEAD = {
    LAYERS: {
        "a Layer of your own whose call goes through the steps, for x in inputs.unbind(1): state = cell(x, state)": (
            "LSTM GRU SimpleRNN RNN LSTMCell GRUCell SimpleRNNCell StackedRNNCells Bidirectional TimeDistributed "
            "ConvLSTM1D ConvLSTM2D ConvLSTM3D"
        ),
        "F.scaled_dot_product_attention(query, key, value), in a Layer of your own": (
            "Attention AdditiveAttention MultiHeadAttention GroupQueryAttention"
        ),
        "pellucid.nn.Conv1d, Conv3d and ConvTranspose2d (channels first), in a Layer of your own or in nn.Sequential": (
            "Conv1D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose Convolution1D Convolution3D "
            "Convolution1DTranspose Convolution2DTranspose Convolution3DTranspose"
        ),
        "Conv2D(filters, size, groups=channels), or pellucid.nn.Conv2d with groups": (
            "DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D SeparableConvolution1D "
            "SeparableConvolution2D"
        ),
        "MaxPooling2D and AveragePooling2D for images, pellucid.nn.MaxPool1d, AvgPool3d ... (channels first) else": (
            "MaxPooling1D MaxPooling3D AveragePooling1D AveragePooling3D MaxPool1D MaxPool3D AvgPool1D AvgPool3D "
            "GlobalMaxPooling1D GlobalMaxPooling3D GlobalMaxPool1D GlobalMaxPool3D GlobalAveragePooling3D "
            "GlobalAvgPool3D"
        ),
        "pellucid.nn.AdaptiveAvgPool2d and AdaptiveMaxPool2d (channels first)": (
            "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D "
            "AdaptiveMaxPooling2D AdaptiveMaxPooling3D"
        ),
        "pellucid.nn.GroupNorm and RMSNorm, or Lambda with F.normalize": (
            "GroupNormalization RMSNormalization SpectralNormalization UnitNormalization"
        ),
        "data.StandardScaler().fit(x) before training, or Rescaling": "Normalization",
        "F.pad, F.interpolate and slices in a Lambda layer: Lambda(lambda x: x[:, 1:-1, 1:-1])": (
            "ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D Cropping3D UpSampling1D UpSampling2D "
            "UpSampling3D Resizing CenterCrop RepeatVector"
        ),
        "pellucid.data.transforms in the loader (transforms.RandomCrop, RandomHorizontalFlip, ColorJitter, mix-up)": (
            "AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization CutMix Equalization MixUp RandAugment "
            "RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop "
            "RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert "
            "RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear "
            "RandomTranslation RandomZoom Solarization MaxNumBoundingBoxes Pipeline"
        ),
        "Python and NumPy before training: np.unique(words, return_inverse=True), np.digitize, utils.to_categorical": (
            "CategoryEncoding Discretization HashedCrossing Hashing IntegerLookup StringLookup TextVectorization "
            "MelSpectrogram STFTSpectrogram"
        ),
        "pellucid.nn.PReLU": "PReLU",
        "Dropout, or pellucid.nn.AlphaDropout and Dropout1d": (
            "AlphaDropout GaussianDropout SpatialDropout1D SpatialDropout3D"
        ),
        "a row of its own for the padding, and a product with the mask in a Lambda layer": "Masking",
        "Multiply, and a Lambda layer that sums: Lambda(lambda x: x.sum(-1, keepdim=True))": "Dot dot",
        "kernel_regularizer of a layer, or an activity penalty in your own loss": "ActivityRegularization",
        "a Layer of your own, with pc.einsum in its call": "EinsumDense ReversibleEmbedding Wrapper InputSpec",
        "a Layer whose call uses modules of pellucid.nn": "FlaxLayer JaxLayer TFSMLayer TorchModuleWrapper",
    },
    "pellucid.keras.losses": {
        "a function of (y_true, y_pred) of your own: (1 - p) ** gamma times the cross entropy": (
            "BinaryFocalCrossentropy CategoricalFocalCrossentropy CategoricalGeneralizedCrossEntropy "
            "binary_focal_crossentropy categorical_focal_crossentropy categorical_generalized_cross_entropy"
        ),
        "a function of (y_true, y_pred) of your own, written with tensors": "Circle Dice Tversky circle dice tversky",
        "no substitute yet": "CTC ctc",
    },
    "pellucid.keras.metrics": {
        "metrics=[pellucid.metrics.roc_auc], which is exact (Keras' has 200 thresholds)": "AUC",
        "metrics=[pellucid.metrics.f1], or a functools.partial of it with average='macro'": "F1Score FBetaScore",
        "metrics=[pellucid.metrics.r2]": "R2Score",
        "pellucid.metrics.confusion_matrix(model.predict(x), y), which has all counts": (
            "FalseNegatives FalsePositives TrueNegatives TruePositives IoU BinaryIoU MeanIoU OneHotIoU OneHotMeanIoU"
        ),
        "pellucid.metrics.roc_curve(scores, labels), which has all thresholds": (
            "PrecisionAtRecall RecallAtPrecision SensitivityAtSpecificity SpecificityAtSensitivity"
        ),
        "the name of the loss, or the function of pellucid.keras.losses: metrics=['poisson']": (
            "CategoricalHinge CosineSimilarity Hinge KLDivergence LogCoshError MeanSquaredLogarithmicError Poisson "
            "SquaredHinge binary_crossentropy categorical_crossentropy categorical_hinge hinge huber kl_divergence "
            "log_cosh mean_absolute_error mean_absolute_percentage_error mean_squared_error "
            "mean_squared_logarithmic_error poisson sparse_categorical_crossentropy squared_hinge"
        ),
        "the name: metrics=['accuracy'], ['binary_accuracy'] ...": (
            "binary_accuracy categorical_accuracy sparse_categorical_accuracy sparse_top_k_categorical_accuracy "
            "top_k_categorical_accuracy"
        ),
        "a function of (y_true, y_pred) of your own": (
            "ConcordanceCorrelation PearsonCorrelation concordance_correlation pearson_correlation "
            "binary_focal_crossentropy categorical_focal_crossentropy"
        ),
        "metrics.Mean, times how many there were": "Sum",
    },
    "pellucid.keras.optimizers": {
        "pellucid.optim.Lion and LAMB, with pellucid.train.fit": "Lion Lamb",
        "Adam or AdamW": "Adafactor Ftrl Muon ScheduleFreeAdamW",
        "one optimizer for all weights, or groups of pellucid.optim": "MultiOptimizer OptimizerMap",
        "nothing: all is computed in float32, so no loss needs scaling": "LossScaleOptimizer",
        "the optimizers of this module": "legacy",
    },
    "pellucid.keras.optimizers.schedules": {
        "pellucid.optim.CosineAnnealingWarmRestarts, or a LearningRateSchedule of your own": "CosineDecayRestarts"
    },
    "pellucid.keras.callbacks": {
        "pellucid.train.fit(run=...), which keeps checkpoints and goes on with the same bits": "BackupAndRestore",
        "nothing: a loss that is no longer finite ends training with an AnomalyError": "TerminateOnNaN",
        "pellucid.train.TensorBoard with pellucid.train.fit, or CSVLogger": "TensorBoard RemoteMonitor",
        "fit(verbose=1), which prints such lines": "ProgbarLogger",
        "a list: callbacks=[...]": "CallbackList",
        "ModelCheckpoint": "OrbaxCheckpoint",
        "pellucid.optim.ASGD, which keeps the mean of the weights": "SwapEMAWeights",
    },
    "pellucid.keras.initializers": {"a function of (shape) of your own": "STFT STFTInitializer stft"},
    "pellucid.keras.regularizers": {
        "regularizers.L1L2, or any function of a weight": "OrthogonalRegularizer Regularizer orthogonal_regularizer"
    },
    "pellucid.keras.activations": {
        "a function of your own, written with tensors": "sparse_plus sparse_sigmoid sparsemax squareplus",
        "the functions of pellucid.functional: F.glu, F.hardshrink, F.hardtanh, F.logsigmoid, F.softshrink ...": (
            "glu hard_shrink hard_tanh log_sigmoid soft_shrink tanh_shrink threshold"
        ),
    },
    "pellucid.keras.utils": {
        "model.summary(), or pellucid.view.graph of a recorded step": "plot_model model_to_dot",
        "pellucid.data.ImageFolder and DataLoader": (
            "image_dataset_from_directory audio_dataset_from_directory text_dataset_from_directory "
            "timeseries_dataset_from_array PyDataset Sequence"
        ),
        "pellucid.data.train_test_split": "split_dataset",
        "Pillow: Image.open(path), np.asarray(image), Image.fromarray(array)": (
            "array_to_img img_to_array load_img save_img"
        ),
        "the data sets of pellucid.data, which download themselves; pooch for other files": "get_file",
        "np.zeros and a loop over the rows": "pad_sequences",
        "tables of pellucid.data.read_csv": "FeatureSpace",
        "fit(verbose=1), and rich for bars of your own": "Progbar",
        "nothing: verbose=0 silences one call": (
            "disable_interactive_logging enable_interactive_logging is_interactive_logging_enabled"
        ),
        "the class itself, by import: no names are registered": (
            "Config CustomObjectScope custom_object_scope get_custom_objects get_registered_name "
            "get_registered_object register_keras_serializable serialize_keras_object deserialize_keras_object legacy"
        ),
        "Model.inputs and Model.layers": "get_source_inputs is_keras_tensor",
        "fit(x, y, sample_weight=w)": "pack_x_y_sample_weight unpack_x_y_sample_weight standardize_dtype",
        "other packages: boxes are not here": "bounding_boxes",
    },
    "pellucid.keras.datasets": {
        "pellucid.data.read_csv of california-housing.csv (its columns are not quite Keras')": "california_housing",
        "cifar10": "cifar100",
        "texts in a folder of your own, as words by number": "imdb reuters",
    },
    "pellucid.keras.models": {
        "model.save_weights(path), and load_weights into a model made by the same lines": (
            "load_model save_model model_from_json model_from_config"
        ),
        "the lines that made the model, and set_weights(other.get_weights())": "clone_model",
    },
    "pellucid.keras": {
        "kernel_regularizer=regularizers.l2(0.001), or the optimizer's clipnorm and weight_decay": "constraints",
        "pellucid.models: resnet18, vgg16, lenet ...": "applications",
        "pellucid.functional and the functions of pellucid (pc.matmul, pc.einsum ...)": "ops random",
        "utils.clear_session() and utils.set_random_seed(0); all is float32": (
            "backend config device distribution dtype_policies mixed_precision name_scope DTypePolicy FloatDTypePolicy"
        ),
        "model.save_weights and pellucid.export": "export saving legacy src",
        "pellucid.data.transforms": "preprocessing",
        "pellucid.view": "visualization tree version",
        "pellucid.sklearn": "wrappers",
        "layers.Layer and layers.Lambda": (
            "Function InputSpec Operation Variable StatelessScope SymbolicScope RematScope remat"
        ),
        "regularizers.L1L2": "Regularizer",
        "nothing: weights are float32": "Quantizer quantizers distillation",
    },
}  # fmt: skip
EVERYWHERE = {"the class itself, by import: no object is made of a text here": "serialize deserialize"}


def instead_of(module, name):
    """What to use instead of this name of Keras; None if Keras does not have it either."""
    for table in (INSTEAD.get(module, {}), EVERYWHERE):
        for remedy, names in table.items():
            if name in names.split():
                return remedy
    return None


def answer(module, aliases=None):
    """The `__getattr__` of a module: further spellings of what it has, and an error for what it has not.

    UnsupportedError for what Keras has, which also `from ... import` shows; AttributeError for all else.
    """
    aliases = aliases or {}

    def missing(name):
        if name in aliases:
            return aliases[name]
        remedy = None if name.startswith("_") else instead_of(module, name)
        if remedy is None:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        raise UnsupportedError(f"{module} has no {name}, as Keras has.", remedy=f"Use instead: {remedy}.")

    return missing
