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


def uniform(name, count, start=0):
    """count numbers in [0, 1), the start-th first: SplitMix64 (Steele et al. 2014) seeded by the FNV-1a hash of the name."""
    seed = 14695981039346656037
    for byte in name.encode():
        seed = ((seed ^ byte) * 1099511628211) % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(start + 1, start + count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def formula(name, shape):
    count, piece = int(np.prod(shape)), 1 << 22           # in pieces: VGG's largest layer has 103 million
    values = [values_of(name, shape, uniform(name, min(piece, count - i), i)) for i in range(0, count, piece)]
    return torch.tensor(np.concatenate(values).reshape(shape))


def values_of(name, shape, u):
    if name.endswith("running_var") or (name.endswith("weight") and len(shape) == 1):
        value = 0.5 + u                                   # variances and scales of BatchNorm
    elif name.endswith("weight"):
        value = (2 * u - 1) * np.sqrt(6 / np.prod(shape[1:]))  # variance 2 / fan-in
    else:
        value = 0.2 * u - 0.1                             # means and shifts
    return value.astype(np.float32)


def fill(network):
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                tensor.copy_(formula(name, tuple(tensor.shape)))
    return network.eval()


class LeNet(nn.Module):
    """Figure 2 of LeCun et al. 1998 with ReLU, plain means and full connections."""

    def __init__(self, classes):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, classes)

    def forward(self, x):
        x = F.avg_pool2d(F.relu(self.conv2(F.avg_pool2d(F.relu(self.conv1(x)), 2))), 2)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x.flatten(1))))))


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


class PreActivationBlock(nn.Module):
    """Figure 4(e) of arXiv 1603.05027; where the shape changes, and in the first block, the shortcut takes the activated input."""

    def __init__(self, inside, width, stride, bottleneck, first):
        super().__init__()
        outside = 4 * width if bottleneck else width
        kernels = [(width, 1, 1), (width, 3, stride), (outside, 1, 1)] if bottleneck else [(width, 3, stride), (width, 3, 1)]
        channels = inside
        for i, (to, side, step) in enumerate(kernels, 1):
            self.add_module(f"bn{i}", nn.BatchNorm2d(channels))
            self.add_module(f"conv{i}", nn.Conv2d(channels, to, side, step, side // 2, bias=False))
            channels = to
        changes = stride != 1 or inside != outside
        self.both, self.stride, self.more, self.count = first or changes, stride, outside - inside, len(kernels)
        self.downsample = nn.Sequential(nn.Conv2d(inside, outside, 1, stride, bias=False)) if changes and bottleneck else None

    def forward(self, x):
        y = F.relu(self.bn1(x))
        shortcut = y if self.both else x
        if self.downsample is not None:
            shortcut = self.downsample(shortcut)
        elif self.more:
            shortcut = F.pad(shortcut[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, 0, self.more))
        y = self.conv1(y)
        for i in range(2, self.count + 1):
            y = getattr(self, f"conv{i}")(F.relu(getattr(self, f"bn{i}")(y)))
        return shortcut + y


class PreActivationResNet(nn.Module):
    def __init__(self, n, classes, bottleneck):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        inside = 16
        for stage in range(3):
            blocks = []
            for i in range(n):
                blocks.append(PreActivationBlock(inside, 16 << stage, 2 if stage and not i else 1, bottleneck, first=not stage and not i))
                inside = (16 << stage) * (4 if bottleneck else 1)
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        self.bn, self.fc = nn.BatchNorm2d(inside), nn.Linear(inside, classes)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(self.conv1(x))))
        return self.fc(F.relu(self.bn(x)).mean((2, 3)))


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


class Unit(nn.Module):
    """A convolution, a BatchNorm or a bias, a ReLU."""

    def __init__(self, inside, outside, side, stride=1, norm=False):
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, side, stride, side // 2, bias=not norm)
        self.bn = nn.BatchNorm2d(outside, eps=1e-3) if norm else nn.Identity()

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class Inception(nn.Module):
    """Figure 2(b) of arXiv 1409.4842."""

    def __init__(self, inside, one, three_reduced, three, five_reduced, five, pool, norm=False):
        super().__init__()
        self.branch1 = Unit(inside, one, 1, norm=norm)
        self.branch2 = nn.Sequential(Unit(inside, three_reduced, 1, norm=norm), Unit(three_reduced, three, 3, norm=norm))
        self.branch3 = nn.Sequential(Unit(inside, five_reduced, 1, norm=norm), Unit(five_reduced, five, 5, norm=norm))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), Unit(inside, pool, 1, norm=norm))

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class Auxiliary(nn.Module):
    def __init__(self, inside, width, hidden, classes, pool, norm=False):
        super().__init__()
        self.conv = Unit(inside, width, 1, norm=norm)
        self.fc1, self.fc2 = nn.Linear(16 * width, hidden), nn.Linear(hidden, classes)
        self.pool = pool

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(self.conv(self.pool(x)).flatten(1))))


class GoogLeNetPaper(nn.Module):
    """Table 1 and figure 3 of arXiv 1409.4842, written from the paper."""

    def __init__(self, classes):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = Unit(3, 64, 7, 2), Unit(64, 64, 1), Unit(64, 192, 3)
        self.inception3a, self.inception3b = Inception(192, 64, 96, 128, 16, 32, 32), Inception(256, 128, 128, 192, 32, 96, 64)
        self.inception4a, self.inception4b = Inception(480, 192, 96, 208, 16, 48, 64), Inception(512, 160, 112, 224, 24, 64, 64)
        self.inception4c, self.inception4d = Inception(512, 128, 128, 256, 24, 64, 64), Inception(512, 112, 144, 288, 32, 64, 64)
        self.inception4e, self.inception5a = Inception(528, 256, 160, 320, 32, 128, 128), Inception(832, 256, 160, 320, 32, 128, 128)
        self.inception5b = Inception(832, 384, 192, 384, 48, 128, 128)
        self.aux1 = Auxiliary(512, 128, 1024, classes, nn.AvgPool2d(5, 3))
        self.aux2 = Auxiliary(528, 128, 1024, classes, nn.AvgPool2d(5, 3))
        self.lrn = nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1)
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.fc = nn.Linear(1024, classes)

    def forward(self, x):
        x = self.lrn(self.pool(self.conv1(x)))
        x = self.pool(self.lrn(self.conv3(self.conv2(x))))
        x = self.inception4a(self.pool(self.inception3b(self.inception3a(x))))
        self.aux1(x)
        x = self.inception4d(self.inception4c(self.inception4b(x)))
        self.aux2(x)
        x = self.inception5b(self.inception5a(self.pool(self.inception4e(x))))
        return self.fc(x.mean((2, 3)))


class CifarInception(nn.Module):
    """Six inception blocks, three at 16x16 and three twice as wide at 8x8."""

    def __init__(self, classes):
        super().__init__()
        self.stem = Unit(3, 32, 3, norm=True)
        inside = 32
        for i in range(6):
            widths = [w * (1 if i < 3 else 2) for w in (16, 16, 32, 8, 8, 8)]
            self.add_module(f"inception{i + 1}", Inception(inside, *widths, norm=True))
            inside = 64 if i < 3 else 128
        self.aux1 = Auxiliary(64, 32, 128, classes, nn.AdaptiveAvgPool2d(4), norm=True)
        self.aux2 = Auxiliary(128, 32, 128, classes, nn.AdaptiveAvgPool2d(4), norm=True)
        self.pool, self.fc = nn.MaxPool2d(3, 2, 1), nn.Linear(128, classes)

    def forward(self, x):
        x = self.inception2(self.inception1(self.pool(self.stem(x))))
        self.aux1(x)
        x = self.inception4(self.pool(self.inception3(x)))
        self.aux2(x)
        return self.fc(self.inception6(self.inception5(x)).mean((2, 3)))


def golden(name, network, side, auxiliary=(), channels=3):
    shape = (2, channels, side, side)
    images = torch.tensor((4 * uniform("images", int(np.prod(shape))) - 2).astype(np.float32).reshape(shape))
    seen = {}  # what auxiliary classifiers give, with the statistics and without the dropout of inference
    for key in auxiliary:
        getattr(network, key).register_forward_hook(lambda _, __, output, key=key: seen.update({key: output}))
    with torch.no_grad():
        logits = fill(network)(images)
        if auxiliary:
            network.training = True  # torchvision then calls them; the parts stay in evaluation mode
            network(images)
    with open(os.path.join(HERE, name + ".json"), "w") as file:
        json.dump({
            "torch": torch.__version__, "torchvision": torchvision.__version__, "side": side, "classes": logits.shape[1],
            "logits": [float(v) for v in logits.flatten()],
        } | ({"auxiliary": [[float(v) for v in seen[key].flatten()] for key in auxiliary]} if auxiliary else {}), file)
        file.write("\n")


def names(name, network):
    with open(os.path.join(HERE, name + ".names.txt"), "w") as file:
        for key, tensor in network.state_dict().items():
            file.write(f"{key} [{', '.join(str(s) for s in tensor.shape)}]\n")


def main():
    torch.set_num_threads(1)
    golden("lenet5", LeNet(10), 32, channels=1)
    for name in ["vgg11", "vgg16_bn"]:
        golden(name, getattr(torchvision.models, name)(num_classes=10, init_weights=False), 64)
    for name in ["vgg11", "vgg16_bn"]:
        names(name, getattr(torchvision.models, name)(init_weights=False))
    golden("resnet18", torchvision.models.resnet18(num_classes=10), 64)
    golden("resnet34", torchvision.models.resnet34(num_classes=10), 64)
    golden("resnet50", torchvision.models.resnet50(num_classes=10), 64)
    for name in ["efficientnet_b0", "convnext_tiny", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small"]:
        golden(name, getattr(torchvision.models, name)(num_classes=10), 64)
        names(name, getattr(torchvision.models, name)())
    golden("cifar_resnet20", CifarResNet(3, 10), 32)
    golden("cifar_plain20", CifarResNet(3, 10, residual=False), 32)
    golden("cifar_preact_resnet20", PreActivationResNet(3, 10, bottleneck=False), 32)
    golden("cifar_preact_resnet164", PreActivationResNet(18, 10, bottleneck=True), 32)
    golden("airbench94", Airbench94(10), 32)
    golden("googlenet", torchvision.models.googlenet(num_classes=10, init_weights=False), 96, ["aux1", "aux2"])
    golden("googlenet_paper", GoogLeNetPaper(10), 224, ["aux1", "aux2"])
    golden("inception_v3", torchvision.models.inception_v3(num_classes=10, init_weights=False), 299, ["AuxLogits"])
    golden("cifar_inception", CifarInception(10), 32, ["aux1", "aux2"])
    names("googlenet", torchvision.models.googlenet(init_weights=False))
    names("inception_v3", torchvision.models.inception_v3(init_weights=False))
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
