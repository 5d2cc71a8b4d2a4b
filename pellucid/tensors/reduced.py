"""The reductions as functions: `pc.sum(x, dim=0)` is `x.sum(dim=0)`.

They stand apart because `sum`, `any`, `all`, `max` and `min` are also Python's, which the file of the methods uses.
"""

from pellucid.tensors.free import free
from pellucid.tensors.reduce import ReduceMixin

all = free(ReduceMixin.all)
amax = free(ReduceMixin.amax)
amin = free(ReduceMixin.amin)
aminmax = free(ReduceMixin.aminmax)
any = free(ReduceMixin.any)
argmax = free(ReduceMixin.argmax)
argmin = free(ReduceMixin.argmin)
count_nonzero = free(ReduceMixin.count_nonzero)
logsumexp = free(ReduceMixin.logsumexp)
max = free(ReduceMixin.max)
mean = free(ReduceMixin.mean)
min = free(ReduceMixin.min)
nanmean = free(ReduceMixin.nanmean)
nansum = free(ReduceMixin.nansum)
prod = free(ReduceMixin.prod)
sum = free(ReduceMixin.sum)
