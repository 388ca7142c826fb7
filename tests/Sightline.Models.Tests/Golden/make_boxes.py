"""Golden numbers for boxes, by torchvision.

Run with Debian's python3-torchvision 0.14:  python3 make_boxes.py > boxes.json
"""
import json
import torch, torchvision
from torchvision.models.detection._utils import BoxCoder, Matcher
from torchvision.ops import box_iou, nms, sigmoid_focal_loss

torch.manual_seed(17)


def boxes(n):
    corner, sides = torch.randint(0, 48, (n, 2)), torch.randint(4, 32, (n, 2))
    return torch.cat([corner, corner + sides], 1).float()


found, truth, anchors = boxes(60), boxes(7), boxes(200)
scores = torch.randint(1, 40, (60,)) / 40.0        # some are equal
matched = Matcher(0.5, 0.4, allow_low_quality_matches=True)(box_iou(truth, anchors))
of = matched.clamp(min=0)
coder = BoxCoder(weights=(1.0, 1.0, 1.0, 1.0))
logits, labels = torch.randint(-40, 40, (50,)) / 10.0, torch.randint(0, 2, (50,)).float()
flat = lambda t: [round(float(v), 7) for v in t.flatten()]
json.dump({
    "torchvision": torchvision.__version__,
    "found": flat(found), "scores": flat(scores), "truth": flat(truth), "anchors": flat(anchors),
    "iou": flat(box_iou(truth, found)),
    "kept": {str(limit): nms(found, scores, limit).tolist() for limit in (0.1, 0.3, 0.5, 0.7)},
    "matched": matched.tolist(),
    "encoded": flat(coder.encode_single(truth[of], anchors)),
    "logits": flat(logits), "labels": flat(labels), "focal": float(sigmoid_focal_loss(logits, labels, reduction="sum")),
}, __import__("sys").stdout)
