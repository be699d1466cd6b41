"""The published SyncNet (Chung & Zisserman, "Out of time", 2016), for LSE-D and LSE-C.

The layers and names are those of the public ``syncnet_v2.model``, so that a user's copy of
the file loads unchanged and gives figures comparable with the papers' tables.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from lipsync.features import MFCC_20
from lipsync.layers import check_shape

FACE_SIZE = 224
"""Side of the faces, pixels."""

FRAMES = 5
"""Frames of a window; 200 ms at the 25 frames a second that SyncNet was trained on."""

EMBEDDING = 1024


@dataclass(frozen=True)
class SyncNetDims:
    """What a SyncNet is rebuilt from."""

    embedding: int = EMBEDDING
    """Length of the embeddings."""


def _conv2d(
    inputs: int, outputs: int, kernel: tuple[int, int] = (3, 3), padding: int = 1
) -> list[nn.Module]:
    conv = nn.Conv2d(inputs, outputs, kernel, padding=padding)
    return [conv, nn.BatchNorm2d(outputs), nn.ReLU()]


def _conv3d(
    inputs: int, outputs: int, kernel: tuple[int, int, int], *, stride: int = 1, padding: int = 0
) -> list[nn.Module]:
    conv = nn.Conv3d(
        inputs, outputs, kernel, stride=(1, stride, stride), padding=(0, padding, padding)
    )
    return [conv, nn.BatchNorm3d(outputs), nn.ReLU()]


def _head(embedding: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(512, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Linear(512, embedding)
    )


class SyncNet(nn.Module):
    """Two towers, picture and sound, with embeddings to be compared by L2 distance.

    Args:
        embedding: length of the embeddings, 1024 in the published weights.
    """

    def __init__(self, *, embedding: int = EMBEDDING) -> None:
        super().__init__()
        self.dims = SyncNetDims(embedding=embedding)
        self.netcnnaud = nn.Sequential(
            *_conv2d(1, 64),
            nn.MaxPool2d(kernel_size=1),
            *_conv2d(64, 192),
            nn.MaxPool2d(kernel_size=3, stride=(1, 2)),  # (B, 192, 11, 9)
            *_conv2d(192, 384),
            *_conv2d(384, 256),
            *_conv2d(256, 256),
            nn.MaxPool2d(kernel_size=3, stride=2),  # (B, 256, 5, 4)
            *_conv2d(256, 512, kernel=(5, 4), padding=0),  # (B, 512, 1, 1)
        )
        self.netfcaud = _head(embedding)
        self.netfclip = _head(embedding)
        pool = (1, 3, 3), (1, 2, 2)
        self.netcnnlip = nn.Sequential(
            *_conv3d(3, 96, (5, 7, 7), stride=2),  # (B, 96, 1, 109, 109)
            nn.MaxPool3d(*pool),
            *_conv3d(96, 256, (1, 5, 5), stride=2, padding=1),  # (B, 256, 1, 26, 26)
            nn.MaxPool3d(*pool, padding=(0, 1, 1)),
            *_conv3d(256, 256, (1, 3, 3), padding=1),  # (B, 256, 1, 13, 13)
            *_conv3d(256, 256, (1, 3, 3), padding=1),
            *_conv3d(256, 256, (1, 3, 3), padding=1),
            nn.MaxPool3d(*pool),  # (B, 256, 1, 6, 6)
            *_conv3d(256, 512, (1, 6, 6)),  # (B, 512, 1, 1, 1)
        )

    def embed_faces(self, faces: Tensor) -> Tensor:
        """(B, 3, 5, 224, 224) BGR **in [0, 255]** to (B, 1024)."""
        check_shape("faces", faces, None, 3, FRAMES, FACE_SIZE, FACE_SIZE)
        embedding: Tensor = self.netfclip(self.netcnnlip(faces).flatten(1))
        return embedding

    def embed_audio(self, sounds: Tensor) -> Tensor:
        """(B, 1, 13, 20), windows of form ``MFCC_20``, to (B, 1024)."""
        check_shape("sounds", sounds, None, 1, *MFCC_20.shape())
        embedding: Tensor = self.netfcaud(self.netcnnaud(sounds).flatten(1))
        return embedding
