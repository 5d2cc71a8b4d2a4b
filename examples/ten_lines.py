"""Logistic regression in less than ten lines.

It learns to tell two of Fisher's iris species apart, versicolor and virginica, by their four lengths. As late as 2014
this was homework for those who began a doctorate in machine learning, and not a trivial one. Derivatives, layers and
the loop have since become parts that one takes from a shelf. (The remark: "Dive into deep learning", Zhang and others,
2019, preface.)
"""

import pellucid.functional as F
from pellucid import data, metrics, nn, optim, train

X, Y = data.iris()
X, Y = data.StandardScaler().fit_transform(X[50:]), Y[50:] - 1  # the last two of three species, as 0 and 1
model = nn.Linear(4, 2)
optimizer = optim.SGD(model.parameters(), lr=0.5)
train.fit(model, (X, Y), loss=F.cross_entropy, optimizer=optimizer, epochs=100, progress=False)
print(train.evaluate(model, (X, Y), loss=F.cross_entropy, metrics=[metrics.accuracy]))
