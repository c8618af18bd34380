"""Distillation: four losses that a student takes from its teachers, each with a weight in the recipe's stage.

F is a layer's map [N, C, h, w], S the student and T the teacher. Losses are means over the layers and the batch;
``fsp`` divides two sums over the batch.

* ``logits``     KL(T || S) per frame, both softened by a temperature (Hinton et al. 2015, arXiv:1503.02531). Several
  teachers: the mean of their probabilities. Frames that the teacher reads as blank may count less.
* ``fsp``        the flow between two layers (Yim et al., CVPR 2017): G = F1 F2^T / (h w), |G_S - G_T|^2 / |G_T|^2.
* ``attention``  attention maps (Real-to-Binary, Martinez et al. 2020, arXiv:2003.11535): Q = sum over channels of F^2,
  |Q_S / |Q_S| - Q_T / |Q_T||^2 after every block.
* ``features``   the maps themselves: |F_S / |F_S| - F_T / |F_T||^2 after every block.

The last three use the first teacher only. Their norms give a weight of 1 about the same meaning everywhere. Maps are
pooled to a common height and width, never to a square, since text is wide. Where the channels differ, an adapter (a 1x1
convolution) maps the student's channels to the teacher's. It is trained with the student and then discarded.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bitocr.errors import UsageError
from bitocr.lab.config.distill import MAP_TERMS, Distill
from bitocr.lab.nn.crnn import CRNN
from bitocr.lab.nn.features import layer_shapes, outputs_of
from bitocr.lab.nn.precision import at_least_float32

EPSILON = 1e-12


def soften(logits: Sequence[Tensor], temperature: float) -> Tensor:
    """The log of the teachers' mean softened probabilities: K logits of [N, T, classes] -> [N, T, classes]."""
    each = [(at_least_float32(one) / temperature).log_softmax(-1) for one in logits]
    if len(each) == 1:
        return each[0]
    return torch.stack(each).logsumexp(0) - log(len(each))


def frame_divergence(
    logits: Tensor, target: Tensor, temperature: float = 1.0, blank_weight: float = 1.0, trust: Tensor | None = None
) -> Tensor:
    """The mean KL(target || student) over the frames.

    Args:
        logits: the student's [N, T, classes].
        target: log-probabilities [N, T, classes] of `soften`, at the same temperature.
        blank_weight: the weight of frames where the target's likeliest class is the blank; others weigh 1.
        trust: [N], a factor for each image's terms; the divisor stays the same. None: 1.
    """
    student = (logits / temperature).log_softmax(-1)
    frames = F.kl_div(student, target, reduction="none", log_target=True).sum(-1)
    frames = frames if trust is None else frames * trust[:, None]
    weights = torch.where(target.argmax(-1) == 0, blank_weight, 1.0)
    return (frames * weights).sum() / weights.sum().clamp(min=EPSILON) * temperature**2


def pooled(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Average-pools both maps [N, C, h, w] to the smaller height and the smaller width."""
    size = (min(first.shape[2], second.shape[2]), min(first.shape[3], second.shape[3]))
    small = [x if x.shape[2:] == size else F.adaptive_avg_pool2d(x, size) for x in (first, second)]
    return small[0], small[1]


def fsp_matrix(first: Tensor, second: Tensor) -> Tensor:
    """The flow from one layer to another: [N, C1, h, w] and [N, C2, h', w'] -> float32 [N, C1, C2].

    Computed outside autocast: its 8 or 11 bits would round away the small difference of two matrices that the student
    still has to learn.
    """
    with torch.autocast(first.device.type, enabled=False):
        first, second = (at_least_float32(x) for x in pooled(first, second))
        positions = first.shape[2] * first.shape[3]
        return torch.einsum("nchw,ndhw->ncd", first, second / positions)


def fsp_distance(ours: Tensor, theirs: Tensor) -> Tensor:
    """|ours - theirs|^2 / |theirs|^2 of two FSP matrices of one shape; both sums are over the batch."""
    return (ours - theirs).square().sum() / theirs.square().sum().clamp(min=EPSILON)


def attention_map(x: Tensor) -> Tensor:
    """[N, C, h, w] -> float32 [N, 1, h, w]: the sum of squares over the channels."""
    return at_least_float32(x).square().sum(1, keepdim=True)


def map_distance(ours: Tensor, theirs: Tensor) -> Tensor:
    """The squared distance of two maps of equal channels, each scaled to length 1; the mean over the batch.

    |a - b|^2 = 2 - 2 a.b where both have length 1. The maps lie channels last in memory, so this order copies less.
    """
    first, second = (at_least_float32(x.permute(0, 2, 3, 1).flatten(1)) for x in pooled(ours, theirs))
    return (2 - 2 * F.cosine_similarity(first, second, eps=EPSILON)).mean()


def resolution_ends(shapes: Sequence[tuple[int, int, int]]) -> list[int]:
    """The stem and the last layer of each resolution: the layers to compare where networks differ in depth."""
    last = len(shapes) - 1
    ends = [i for i in range(1, last + 1) if i == last or shapes[i][1:] != shapes[i + 1][1:]]
    return [0, *ends]


def matching_layers(ours: Sequence[tuple[int, int, int]], theirs: Sequence[tuple[int, int, int]]) -> dict[int, int]:
    """Maps the student's layers to the teacher's: all of them, or the ends of resolutions if the depths differ."""
    if len(ours) == len(theirs):
        return {layer: layer for layer in range(len(ours))}
    students, teachers = resolution_ends(ours), resolution_ends(theirs)
    if len(students) != len(teachers):
        raise UsageError("distill: the teacher's strides differ, so no layers match the student's: use its logits only")
    return dict(zip(students, teachers, strict=True))


class Distiller(nn.Module):
    """The losses for one student. Its only parameters are the adapters.

    Args:
        net: the student.
        teachers: frozen here. They are no part of this module: it neither saves nor trains them.
        settings: a stage's settings (`bitocr.lab.config.distill`) with a weight for at least one loss.
        learning: leave the teachers unfrozen, since they are trained at the same time.

    Raises:
        UsageError: a teacher cannot be compared with the student, or a pair names a layer that does not exist.
    """

    def __init__(self, net: CRNN, teachers: Sequence[CRNN], settings: Distill, learning: bool = False) -> None:
        super().__init__()
        self.settings = settings
        self.teachers = tuple(each if learning else each.eval().requires_grad_(False) for each in teachers)
        self.wants_logits = settings.logits > 0
        self.wants_maps = any(getattr(settings, term) > 0 for term in MAP_TERMS)
        self.adapters = nn.ModuleDict()
        self.matches: dict[int, int] = {}
        self.pairs: list[tuple[int, int]] = []
        if self.wants_maps:
            self.match(layer_shapes(net.backbone), layer_shapes(self.teachers[0].backbone))

    def match(self, ours: list[tuple[int, int, int]], theirs: list[tuple[int, int, int]]) -> None:
        """Finds the layers to compare, and makes adapters where their channels differ."""
        self.matches = matching_layers(ours, theirs)
        chosen = self.settings.pairs or pairwise(resolution_ends(ours))
        self.pairs = [(first, last) for first, last in chosen]
        for layer in (layer for pair in self.pairs for layer in pair):
            if layer not in self.matches:
                raise UsageError(f"distill.pairs: student and teacher have no layer {layer} in common")
        flows = {layer for pair in self.pairs for layer in pair} if self.settings.fsp else set()
        blocks = {layer for layer in self.matches if layer > 0} if self.settings.features else set()
        for layer in sorted(flows | blocks):
            channels, wanted = ours[layer][0], theirs[self.matches[layer]][0]
            if channels != wanted:
                self.adapters[str(layer)] = nn.Conv2d(channels, wanted, 1)

    def layers_of(self, net: CRNN) -> list[nn.Module]:
        """The layers whose outputs the losses need, for `outputs_of`; none if only logits are compared."""
        return net.backbone.layers() if self.wants_maps else []  # type: ignore[operator, no-any-return]

    def terms(
        self,
        logits: Tensor | None,
        maps: Sequence[Tensor],
        theirs: Sequence[Tensor],
        teacher_maps: Sequence[Tensor],
        trust: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """The losses that have a weight, not yet multiplied by it.

        Args:
            logits: the student's [N, T, classes]; None if the logits have no weight.
            maps: the outputs of the student's `layers_of`.
            theirs, teacher_maps: the teachers' logits and maps for the same images (`ask`).
            trust: [N], the weight of the teachers' logits for each image; None: 1.
        """
        terms: dict[str, Tensor] = {}
        if self.wants_logits:
            assert logits is not None
            temperature, blank_weight = self.settings.temperature, self.settings.blank_weight
            target = soften(theirs, temperature)
            terms["logits"] = frame_divergence(logits, target, temperature, blank_weight, trust)
        if self.wants_maps:
            terms.update(self.compare(maps, teacher_maps))
        return terms

    @torch.no_grad()
    def ask(self, images: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """The teachers' logits and the maps of the first teacher's layers. Skips what no loss needs."""
        with outputs_of(self.layers_of(self.teachers[0])) as maps:
            if not self.wants_logits:
                self.teachers[0].backbone(images)
                return [], maps
            return [teacher(images) for teacher in self.teachers], maps

    def compare(self, maps: Sequence[Tensor], teacher_maps: Sequence[Tensor]) -> dict[str, Tensor]:
        """The losses that compare maps, each the mean over its layers."""
        settings = self.settings
        terms: dict[str, Tensor] = {}
        blocks = [layer for layer in self.matches if layer > 0]
        theirs = {layer: teacher_maps[match] for layer, match in self.matches.items()}
        if settings.attention:
            pairs = [(attention_map(maps[i]), attention_map(theirs[i])) for i in blocks]
            terms["attention"] = torch.stack([map_distance(*pair) for pair in pairs]).mean()
        ours = {i: self.adapters[str(i)](x) if str(i) in self.adapters else x for i, x in enumerate(maps)}
        if settings.features:
            terms["features"] = torch.stack([map_distance(ours[i], theirs[i]) for i in blocks]).mean()
        if settings.fsp:
            flows = [(fsp_matrix(ours[i], ours[j]), fsp_matrix(theirs[i], theirs[j])) for i, j in self.pairs]
            terms["fsp"] = torch.stack([fsp_distance(*flow) for flow in flows]).mean()
        return terms
