"""Logistic regression in less than ten lines.

It learns to tell two of Fisher's iris species apart, versicolor and virginica, by their four lengths. In 2014 this was
an exercise by which students of machine learning began their doctorate: they had to derive the gradient, write it down,
test it, and write the descent. Derivatives, layers and loops have become parts that one takes from a shelf. (The
remark is Alexander Smola's, in the preface of "Dive into deep learning", Zhang and others, 2019.)
"""

import pellucid.functional as F
from pellucid import data, metrics, nn, optim, train

X, Y = data.iris()
X, Y = data.StandardScaler().fit_transform(X[50:]), Y[50:] - 1  # the last two of three species, as 0 and 1
model = nn.Linear(4, 2)
optimizer = optim.SGD(model.parameters(), lr=0.5)
train.fit(model, (X, Y), loss=F.cross_entropy, optimizer=optimizer, epochs=100, progress=False)
print(train.evaluate(model, (X, Y), loss=F.cross_entropy, metrics=[metrics.accuracy]))
