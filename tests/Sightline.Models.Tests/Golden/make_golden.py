#!/usr/bin/env python3
"""Makes the golden files beside it with PyTorch and torchvision, which Sightline did not write.

  python3 make_golden.py        needs torch, torchvision and numpy (Debian 12: python3-torch, python3-torchvision)

NAME.json: logits of a network whose weights and input follow a formula, so that only the logits need to be kept.
NAME.names.txt: torchvision's names and shapes.  *.pth: small files in the formats of torch.save.
"""
import collections
import json
import os

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))


def uniform(name, count):
    """count numbers in [0, 1): SplitMix64 (Steele et al. 2014) seeded by the FNV-1a hash of the name."""
    seed = 14695981039346656037
    for byte in name.encode():
        seed = ((seed ^ byte) * 1099511628211) % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def formula(name, shape):
    u = uniform(name, int(np.prod(shape)))
    if name.endswith("running_var") or (name.endswith("weight") and len(shape) == 1):
        value = 0.5 + u                                   # variances and scales of BatchNorm
    elif name.endswith("weight"):
        value = (2 * u - 1) * np.sqrt(6 / np.prod(shape[1:]))  # variance 2 / fan-in
    else:
        value = 0.2 * u - 0.1                             # means and shifts
    return torch.tensor(value.astype(np.float32).reshape(shape))


def fill(network):
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                tensor.copy_(formula(name, tuple(tensor.shape)))
    return network.eval()


class Block(nn.Module):
    """A basic block with shortcut A, written from the paper."""

    def __init__(self, inside, width, stride, residual):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.stride, self.more, self.residual = stride, width - inside, residual

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.residual:
            y = y + F.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, 0, self.more))
        return F.relu(y)


class CifarResNet(nn.Module):
    def __init__(self, n, classes, residual=True):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = nn.Sequential(*[Block(16, 16, 1, residual) for _ in range(n)])
        self.layer2 = nn.Sequential(*[Block(16 if i == 0 else 32, 32, 2 if i == 0 else 1, residual) for i in range(n)])
        self.layer3 = nn.Sequential(*[Block(32 if i == 0 else 64, 64, 2 if i == 0 else 1, residual) for i in range(n)])
        self.fc = nn.Linear(64, classes)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x))))))
        return self.fc(x.mean((2, 3)))


class Group(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, padding="same", bias=False)
        self.norm1 = nn.BatchNorm2d(outside, eps=1e-12, momentum=0.4)
        self.conv2 = nn.Conv2d(outside, outside, 3, padding="same", bias=False)
        self.norm2 = nn.BatchNorm2d(outside, eps=1e-12, momentum=0.4)

    def forward(self, x):
        x = F.gelu(self.norm1(F.max_pool2d(self.conv1(x), 2)))
        return F.gelu(self.norm2(self.conv2(x)))


class Airbench94(nn.Module):
    """Written from the listing of arXiv 2404.00498."""

    def __init__(self, classes):
        super().__init__()
        self.whiten = nn.Conv2d(3, 24, 2, padding=0, bias=True)
        self.group1, self.group2, self.group3 = Group(24, 64), Group(64, 256), Group(256, 256)
        self.head = nn.Linear(256, classes, bias=False)

    def forward(self, x):
        x = self.group3(self.group2(self.group1(F.gelu(self.whiten(x)))))
        return self.head(F.max_pool2d(x, 3).flatten(1)) / 9


def golden(name, network, side):
    shape = (2, 3, side, side)
    images = torch.tensor((4 * uniform("images", int(np.prod(shape))) - 2).astype(np.float32).reshape(shape))
    with torch.no_grad():
        logits = fill(network)(images)
    with open(os.path.join(HERE, name + ".json"), "w") as file:
        json.dump({
            "torch": torch.__version__, "torchvision": torchvision.__version__, "side": side, "classes": logits.shape[1],
            "logits": [float(v) for v in logits.flatten()],
        }, file)
        file.write("\n")


def names(name, network):
    with open(os.path.join(HERE, name + ".names.txt"), "w") as file:
        for key, tensor in network.state_dict().items():
            file.write(f"{key} [{', '.join(str(s) for s in tensor.shape)}]\n")


def main():
    torch.set_num_threads(1)
    golden("resnet18", torchvision.models.resnet18(num_classes=10), 64)
    golden("resnet34", torchvision.models.resnet34(num_classes=10), 64)
    golden("resnet50", torchvision.models.resnet50(num_classes=10), 64)
    for name in ["mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small"]:
        golden(name, getattr(torchvision.models, name)(num_classes=10), 64)
        names(name, getattr(torchvision.models, name)())
    golden("cifar_resnet20", CifarResNet(3, 10), 32)
    golden("cifar_plain20", CifarResNet(3, 10, residual=False), 32)
    golden("airbench94", Airbench94(10), 32)
    names("resnet18", torchvision.models.resnet18())
    names("resnet50", torchvision.models.resnet50())

    small = CifarResNet(1, 10).state_dict()
    tiny = collections.OrderedDict((k, formula(k, tuple(small[k].shape))) for k in ["conv1.weight", "bn1.weight", "fc.bias"])
    tiny["bn1.num_batches_tracked"] = torch.tensor(7)
    tiny["half"] = tiny["fc.bias"].half()
    tiny["brain"] = tiny["fc.bias"].bfloat16()
    tiny["columns"] = tiny["conv1.weight"].flatten(1).t()      # a view with strides into a shared storage
    tiny["parameter"] = nn.Parameter(tiny["fc.bias"][2:5])     # a view with an offset
    torch.save(tiny, os.path.join(HERE, "zip.pth"))
    torch.save(tiny, os.path.join(HERE, "legacy.pth"), _use_new_zipfile_serialization=False)
    torch.save({"epoch": 3, "state_dict": collections.OrderedDict(("module." + k, v) for k, v in tiny.items()),
                "optimizer": {"lr": 0.1, "betas": (0.9, 0.999), "momentum": [None, True]}}, os.path.join(HERE, "checkpoint.pth"))


main()
