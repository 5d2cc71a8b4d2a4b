"""Written from the contract alone."""


def adam_step(w, g, m, s, t, lr, beta1, beta2, eps):
    m = m + (g - m) * (1 - beta1)
    s = s + (g * g - s) * (1 - beta2)
    unbiased_m, unbiased_s = m / (1 - beta1**t), s / (1 - beta2**t)
    return w - unbiased_m * lr / (unbiased_s.sqrt() + eps), m, s
