"""What a student learns from its teachers beside the task: four terms, each with its weight in the recipe's stage.

With F a layer's map [N, C, h, w], S the student, T the teacher, and means over the layers and the batch (of ``fsp``
the quotient of sums over the batch):

* ``logits``     KL(T || S) a frame, both softened by a temperature (Hinton et al. 2015, arXiv:1503.02531). Several
  teachers: their mean probabilities. Frames that the teacher reads as blank may count less.
* ``fsp``        the flow between two layers (Yim et al., CVPR 2017): G = F1 F2^T / (h w), |G_S - G_T|^2 / |G_T|^2.
* ``attention``  where a layer looks (Real-to-Binary, Martinez et al. 2020, arXiv:2003.11535): Q = sum over channels of
  F^2, |Q_S / |Q_S| - Q_T / |Q_T||^2 after every block.
* ``features``   the maps themselves: |F_S / |F_S| - F_T / |F_T||^2 after every block.

The last three take the first teacher only. Their norms make a weight of 1 mean about the same everywhere. Maps are
pooled to a common height and width, never to a square: text is wide. Where the channels differ, the student's map goes
through a 1x1 convolution, an adapter, which is trained with the student and thrown away.
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
    """Log of the mean of the teachers' probabilities, softened: K times [N, T, classes] -> [N, T, classes]."""
    each = [(at_least_float32(one) / temperature).log_softmax(-1) for one in logits]
    if len(each) == 1:
        return each[0]
    return torch.stack(each).logsumexp(0) - log(len(each))


def frame_divergence(
    logits: Tensor, target: Tensor, temperature: float = 1.0, blank_weight: float = 1.0, trust: Tensor | None = None
) -> Tensor:
    """Mean KL(target || student) of the frames.

    Args:
        logits: the student's [N, T, classes].
        target: log-probabilities [N, T, classes] of `soften`, at the same temperature.
        blank_weight: what a frame counts whose likeliest class in the target is the blank; any other counts 1.
        trust: [N], what an image's frames add to the sum, of which the mean is over all; None: 1.
    """
    student = (logits / temperature).log_softmax(-1)
    frames = F.kl_div(student, target, reduction="none", log_target=True).sum(-1)
    frames = frames if trust is None else frames * trust[:, None]
    weights = torch.where(target.argmax(-1) == 0, blank_weight, 1.0)
    return (frames * weights).sum() / weights.sum().clamp(min=EPSILON) * temperature**2


def pooled(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Both maps [N, C, h, w] averaged to the lesser of their heights and of their widths."""
    size = (min(first.shape[2], second.shape[2]), min(first.shape[3], second.shape[3]))
    small = [x if x.shape[2:] == size else F.adaptive_avg_pool2d(x, size) for x in (first, second)]
    return small[0], small[1]


def fsp_matrix(first: Tensor, second: Tensor) -> Tensor:
    """The flow from one layer to another: [N, C1, h, w] and [N, C2, h', w'] -> float32 [N, C1, C2].

    Under autocast the products would be rounded to its 8 or 11 bits, and what a student has yet to learn is the small
    difference of two of them.
    """
    with torch.autocast(first.device.type, enabled=False):
        first, second = (at_least_float32(x) for x in pooled(first, second))
        positions = first.shape[2] * first.shape[3]
        return torch.einsum("nchw,ndhw->ncd", first, second / positions)


def fsp_distance(ours: Tensor, theirs: Tensor) -> Tensor:
    """|ours - theirs|^2 / |theirs|^2 of two FSP matrices of one shape, summed over the batch before the division."""
    return (ours - theirs).square().sum() / theirs.square().sum().clamp(min=EPSILON)


def attention_map(x: Tensor) -> Tensor:
    """[N, C, h, w] -> float32 [N, 1, h, w]: the sum over the channels of the squares."""
    return at_least_float32(x).square().sum(1, keepdim=True)


def map_distance(ours: Tensor, theirs: Tensor) -> Tensor:
    """Mean over the batch of the squared distance of two maps of the same channels, each scaled to length 1.

    |a - b|^2 = 2 - 2 a.b where both have length 1; channels last, as the maps lie in memory, so that less is copied.
    """
    first, second = (at_least_float32(x.permute(0, 2, 3, 1).flatten(1)) for x in pooled(ours, theirs))
    return (2 - 2 * F.cosine_similarity(first, second, eps=EPSILON)).mean()


def resolution_ends(shapes: Sequence[tuple[int, int, int]]) -> list[int]:
    """The stem, and the last layer of every resolution; by these, networks of unequal depth are compared."""
    last = len(shapes) - 1
    ends = [i for i in range(1, last + 1) if i == last or shapes[i][1:] != shapes[i + 1][1:]]
    return [0, *ends]


def matching_layers(ours: Sequence[tuple[int, int, int]], theirs: Sequence[tuple[int, int, int]]) -> dict[int, int]:
    """The teacher's layer for each of the student's that has one: all, or the ends of resolutions if depths differ."""
    if len(ours) == len(theirs):
        return {layer: layer for layer in range(len(ours))}
    students, teachers = resolution_ends(ours), resolution_ends(theirs)
    if len(students) != len(teachers):
        raise UsageError("distill: the teacher's strides differ, so no layers match the student's: use its logits only")
    return dict(zip(students, teachers, strict=True))


class Distiller(nn.Module):
    """The terms for one student, and its adapters, which are all of its parameters.

    Args:
        net: the student.
        teachers: frozen here, and never part of this module: not saved, not trained, never in training mode.
        settings: of a stage (`bitocr.lab.config.distill`), some term of which has a weight.
        learning: the teachers are left as they are, since they learn themselves.

    Raises:
        UsageError: a teacher that cannot be compared with the student, a pair of layers that is not there.
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
        """Finds which layers are compared, and makes adapters for those whose channels differ."""
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
        """The layers whose outputs the terms need, for `outputs_of`; none where only logits are compared."""
        return net.backbone.layers() if self.wants_maps else []  # type: ignore[operator, no-any-return]

    def terms(
        self,
        logits: Tensor | None,
        maps: Sequence[Tensor],
        theirs: Sequence[Tensor],
        teacher_maps: Sequence[Tensor],
        trust: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Every term that has a weight, not yet weighed.

        Args:
            logits: the student's [N, T, classes]; None if the logits have no weight.
            maps: what the student's `layers_of` put out.
            theirs, teacher_maps: the same of the teachers, who saw the same images (`ask`).
            trust: [N], how far the teachers' logits count for each image; None: 1.
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
        """The teachers' logits, and the maps of the first one's layers; what no term needs is not computed."""
        with outputs_of(self.layers_of(self.teachers[0])) as maps:
            if not self.wants_logits:
                self.teachers[0].backbone(images)
                return [], maps
            return [teacher(images) for teacher in self.teachers], maps

    def compare(self, maps: Sequence[Tensor], teacher_maps: Sequence[Tensor]) -> dict[str, Tensor]:
        """The terms that compare maps, each the mean over its layers."""
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
