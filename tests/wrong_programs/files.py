"""Wrong programs: files, saved weights, names."""

from tests.wrong_programs import Wrong

TITLE = "Files and saved models"
WRONG = [
    Wrong(
        "A file of PyTorch",
        "open('model.pt', 'wb').write(b'PK\\x03\\x04 as torch.save writes it')\npc.load('model.pt')",
        "FormatError",
        ("model.pt", "pickle"),
        "save_file",
    ),
    Wrong(
        "A pickle",
        "import pickle\npickle.dump([1, 2], open('model.bin', 'wb'))\npc.load('model.bin')",
        "FormatError",
        ("model.bin", "pickle"),
        "pc.save",
    ),
    Wrong(
        "Arrays of NumPy given to pc.load",
        "np.savez('w.npz', w=np.ones(2))\npc.load('w.npz')",
        "FormatError",
        ("w.npz", "NumPy"),
        "np.load",
    ),
    Wrong(
        "Weights of Keras",
        "open('net.h5', 'wb').write(b'\\x89HDF\\r\\n\\x1a\\n and so on')\npc.load('net.h5')",
        "FormatError",
        ("net.h5", "HDF5"),
        "h5py",
    ),
    Wrong(
        "Saving under PyTorch's ending",
        "pc.save(nn.Linear(2, 1), 'model.pt')",
        "ArgumentError",
        ("model.pt", "safetensors"),
        ".safetensors",
    ),
    Wrong(
        "Saving what is no tensor",
        "pc.save({'epoch': 'three'}, 'w.safetensors')",
        "ArgumentError",
        ("'epoch'",),
        "metadata",
    ),
    Wrong(
        "Saving into a folder that is not there",
        "pc.save(nn.Linear(2, 1), 'models/net.safetensors')",
        "DataNotFoundError",
        ("models", "net.safetensors"),
        "Make it",
    ),
    Wrong(
        "A file that is not there",
        "pc.load('model.safetensors')",
        "DataNotFoundError",
        ("model.safetensors",),
        "folder",
    ),
    Wrong(
        "A download that broke off",
        "pc.save(nn.Linear(20, 1), 'w.safetensors')\nwhole = open('w.safetensors', 'rb').read()\n"
        "open('w.safetensors', 'wb').write(whole[:-30])\npc.load('w.safetensors')",
        "DataFileError",
        ("w.safetensors",),
        "again",
    ),
    Wrong(
        "A file name given to load_state_dict",
        "nn.Linear(2, 1).load_state_dict('w.safetensors')",
        "ArgumentError",
        ("load_state_dict", "w.safetensors"),
        "pc.load",
    ),
    Wrong(
        "Weights of another model",
        "weights = nn.Linear(3, 1).state_dict()\nnn.Linear(2, 1).load_state_dict(weights)",
        "StateDictError",
        ("weight", "float32[1, 3]", "float32[1, 2]"),
        "same layers",
    ),
    Wrong(
        "Weights under other names",
        "weights = nn.Sequential(nn.Linear(2, 1)).state_dict()\nnn.Linear(2, 1).load_state_dict(weights)",
        "StateDictError",
        ("missing", "unexpected", "0.weight"),
        "same layers",
    ),
    Wrong(
        "A table with a word among the numbers",
        "open('plants.csv', 'w', encoding='utf-8').write('height,width\\n1.5,2.0\\ntall,3.0\\n')\n"
        "data.read_csv('plants.csv')",
        "DataFileError",
        ("plants.csv", "'tall'", "height"),
        "missing",
    ),
    Wrong(
        "A column that the table does not have",
        "open('plants.csv', 'w', encoding='utf-8').write('height,width\\n1.5,2.0\\n')\n"
        "data.read_csv('plants.csv', labels='kind')",
        "ArgumentError",
        ("'kind'", "'height', 'width'"),
        "it has",
    ),
    Wrong(
        "A row with a cell too few",
        "open('plants.csv', 'w', encoding='utf-8').write('height,width\\n1.5,2.0\\n1.5\\n')\n"
        "data.read_csv('plants.csv')",
        "DataFileError",
        ("plants.csv", "line 3"),
        "2",
    ),
    Wrong(
        "Class names of a data set that does not exist",
        "data.class_names('cifar')",
        "ArgumentError",
        ("cifar",),
        "mnist",
    ),
    Wrong(
        "Images in another format than IDX",
        "open('images.idx', 'wb').write(b'\\x89PNG\\r\\n\\x1a\\n' + bytes(40))\ndata.read_idx('images.idx')",
        "DataFileError",
        ("images.idx",),
        "IDX",
    ),
    Wrong(
        "A recipe that does not exist",
        "from pellucid import recipes\nrecipes.find('cifar')",
        "ArgumentError",
        ("cifar",),
        "mnist",
    ),
    Wrong(
        "A name that cannot be explained",
        "from pellucid import explain\nexplain.page('crossentropy_los')",
        "ArgumentError",
        ("crossentropy_los",),
        "Did you mean",
    ),
    Wrong(
        "Settings of a model for which there are none",
        "pc.models.mlp(784)",
        "ArgumentError",
        ("mlp", "784"),
        "mlp(784, 128, 10)",
    ),
    Wrong(
        "A table with a column of words",
        "open('a.csv', 'w').write('size,color\\n1,red\\n2,blue\\n')\ndata.read_csv('a.csv')",
        "DataFileError",
        ("line 2", "'color'", "'red'"),
        "target=",
    ),
    Wrong(
        "A table divided by semicolons",
        "open('a.csv', 'w').write('size;color\\n1;red\\n2;blue\\n')\ndata.read_csv('a.csv', target='color')",
        "ArgumentError",
        ("no column 'color'",),
        "delimiter=';'",
    ),
    Wrong(
        "Numbers with a comma",
        "open('a.csv', 'w').write('size;y\\n1,5;2\\n2,5;3\\n')\ndata.read_csv('a.csv', delimiter=';')",
        "DataFileError",
        ("'1,5'", "line 2"),
        "point",
    ),
    Wrong(
        "Images without folders of classes",
        "import os\nos.mkdir('pictures')\nopen('pictures/cat.png', 'wb').write(b'x')\ndata.ImageFolder('pictures')",
        "ArgumentError",
        ("pictures", "one for each class"),
        "1.png",
    ),
]
