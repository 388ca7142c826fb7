"""Times full training steps of a network in PyTorch: forward, cross-entropy, backward, SGD with Nesterov momentum.

usage: step.py {cifar_resnet18,mobilenet_v2,googlenet} IMAGES SIDE {float32,bf16} THREADS WARMUP STEPS

The last two are torchvision's, GoogLeNet with both auxiliary classifiers at 0.3.

Prints one JSON object: {"torch": version, "median": seconds, "steps": [seconds...]}. float32 is eager and contiguous, as most people
run it; bf16 is autocast with channels-last, PyTorch's own best on a CPU.
"""
import json
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, width_in, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(width_in, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = None
        if stride != 1 or width_in != width:
            self.downsample = nn.Sequential(nn.Conv2d(width_in, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        blocks, width_in = [], 64
        for width, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
            blocks += [Block(width_in, width, stride), Block(width, width, 1)]
            width_in = width
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        x = self.blocks(F.relu(self.bn1(self.conv1(x))))
        return self.fc(x.mean((2, 3)))


def network(name):
    if name == "cifar_resnet18":
        return ResNet18(), 10
    import torchvision
    if name == "googlenet":
        return torchvision.models.googlenet(init_weights=True), 1000
    return getattr(torchvision.models, name)(), 1000


def loss_of(logits, labels):
    if isinstance(logits, tuple):  # GoogLeNet in training: its own, and two auxiliary ones
        own, second, first = logits
        return F.cross_entropy(own.float(), labels) + 0.3 * (F.cross_entropy(second.float(), labels) + F.cross_entropy(first.float(), labels))
    return F.cross_entropy(logits.float(), labels)


def main():
    name, count, side, precision = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    threads, warmup, steps = int(sys.argv[5]), int(sys.argv[6]), int(sys.argv[7])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    net, classes = network(name)
    net.train()
    images, labels = torch.randn(count, 3, side, side), torch.randint(0, classes, (count,))
    if precision == "bf16":
        net, images = net.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)
    times = []
    for _ in range(warmup + steps):
        start = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        if precision == "bf16":
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = net(images)
            loss = loss_of(logits, labels)
        else:
            loss = loss_of(net(images), labels)
        loss.backward()
        optimiser.step()
        loss.item()
        times.append(time.perf_counter() - start)
    times = times[warmup:]
    print(json.dumps({"torch": torch.__version__, "median": statistics.median(times), "steps": times}))


main()
