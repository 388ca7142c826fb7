"""Golden numbers for the classification metrics, by scikit-learn, scipy and numpy.

Run with Debian's python3-sklearn:  python3 make_classification.py > classification.json
"""
import json
import numpy, scipy, sklearn
from scipy.stats import binomtest, norm
from sklearn import metrics
from sklearn.calibration import calibration_curve

rng = numpy.random.default_rng(7)
n, k = 240, 7
labels = rng.choice(k, size=n, p=[.3, .2, .2, .1, .1, .07, .03])
logits = rng.normal(size=(n, k)) * 1.5
logits[numpy.arange(n), labels] += 1.6
logits[:, 5] -= 9                      # class 5 occurs and is never decided
p = numpy.exp(logits - logits.max(1, keepdims=True))
p = (p / p.sum(1, keepdims=True)).astype(numpy.float32)
pred = p.argmax(1)
conf = p.max(1).astype(numpy.float64)
right = pred == labels
precision, recall, f1, support = metrics.precision_recall_fscore_support(labels, pred, labels=range(k), zero_division=0)
macro = metrics.precision_recall_fscore_support(labels, pred, labels=range(k), average="macro", zero_division=0)[:3]
weighted = metrics.precision_recall_fscore_support(labels, pred, labels=range(k), average="weighted", zero_division=0)[:3]
fraction, mean = calibration_curve(right, conf, n_bins=15)
counts = numpy.histogram(conf, bins=numpy.linspace(0, 1, 16))[0]
ece = float(numpy.sum(counts[counts > 0] / n * numpy.abs(fraction - mean)))
onehot = numpy.eye(k)[labels]
values = rng.normal(size=101)

print(json.dumps({
    "versions": {"sklearn": sklearn.__version__, "scipy": scipy.__version__, "numpy": numpy.__version__},
    "classes": k,
    "labels": labels.tolist(),
    "probabilities": [float(x) for x in p.ravel()],
    "top1": metrics.accuracy_score(labels, pred),
    "top5": metrics.top_k_accuracy_score(labels, p, k=5, labels=range(k)),
    "precision": precision.tolist(), "recall": recall.tolist(), "f1": f1.tolist(), "support": support.tolist(),
    "macro": [float(x) for x in macro], "weighted": [float(x) for x in weighted],
    "confusion": metrics.confusion_matrix(labels, pred, labels=range(k)).ravel().tolist(),
    "logLoss": metrics.log_loss(labels, p.astype(numpy.float64), labels=range(k)),
    "brier": float(numpy.mean(numpy.sum((p.astype(numpy.float64) - onehot) ** 2, axis=1))),
    "ece": ece, "mce": float(numpy.max(numpy.abs(fraction - mean))),
    "binAccuracy": fraction.tolist(), "binConfidence": mean.tolist(),
    "mcnemar": [[a, b, binomtest(min(a, b), a + b, 0.5).pvalue] for a, b in [(3, 9), (0, 6), (121, 59), (40, 40), (900, 1100), (1, 0)]],
    "wilson": [[s, t, l, *binomtest(s, t).proportion_ci(l, method="wilson")]
               for s, t, l in [(0, 10, .95), (10, 10, .95), (93, 100, .95), (8700, 8750, .99), (1, 3, .5)]],
    "values": values.tolist(), "percentile": [float(x) for x in numpy.percentile(values, [2.5, 97.5])],
}))
