"""The enlarger: a picture code of four pixels a latent, and a slim U-Net that says what the latents of a small picture are.

Both start with one straight way for the colours: the code as the mean of 4 × 4 pixels and a linear filter that enlarges it, the
U-Net as a copy of the small picture into the latents. So an untrained enlarger is as good as Lanczos' filter, and what is learned
is the rest.
"""

from collections.abc import Callable, Iterable
from copy import deepcopy
from math import log
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    StableDiffusionUpscalePipeline,
    UNet2DConditionModel,
)
from diffusers.models.autoencoders.vae import Decoder, Encoder
from diffusers.models.downsampling import Downsample2D
from diffusers.models.resnet import ResnetBlock2D
from diffusers.models.upsampling import Upsample2D
from numpy.typing import NDArray
from PIL import Image
from torch import nn
from transformers import CLIPTextModel, CLIPTokenizer

from pentimento.starter.pairs import WINDOW
from pentimento.starter.text import WIDTH, make_clip_text, make_clip_tokenizer

SCALING = 0.08333
"""What the pipeline multiplies latents with, whatever the code says."""
CHANNELS = 12
"""Of the latents: a quarter of the picture's side, a quarter of its numbers."""
LEVELS = 100
"""Highest noise level of the small picture; at 100 its noise is about 21 of 255."""
STEPS = 4
"""Of the pipeline: few are enough where the small picture says nearly everything."""
_CODE_WIDTHS = (16, 24, 48)
_WIDTHS = (48, 80, 96)
_GROUPS = 1
"""Of the normalizations: one takes away nothing but brightness and contrast of the whole."""
_STEADY = 4.0
"""Value of two constant channels: beside them what a normalization takes away is nearly the same for every picture."""
_GAIN = 2.0
"""Of the colours in the latents, so that they are spread as wide as the noise."""
_SURE = -7.0
"""Logarithm of the latents' variance at the start."""
_PLUS, _MINUS, _ON, _OFF = (0, 1, 2), (5, 6, 7), 3, 4
"""Channels of the straight way: red, green and blue, their negatives at its end, and the two constants."""


class Enlarger(nn.Module):
    """What is trained."""

    def __init__(self, unet: UNet2DConditionModel, text: CLIPTextModel, vae: AutoencoderKL) -> None:
        super().__init__()
        self.unet = unet
        self.text = text
        self.vae = vae

    def forward(self, x: torch.Tensor, times: torch.Tensor, words: torch.Tensor, levels: torch.Tensor) -> torch.Tensor:
        """The latents that are guessed behind x, (batch, CHANNELS + 3, height, width): noisy ones, and the small picture."""
        told = self.text(words).last_hidden_state
        guessed: torch.Tensor = self.unet(x, times, told, class_labels=levels).sample
        return guessed


def make_code() -> AutoencoderKL:
    code = AutoencoderKL(
        block_out_channels=_CODE_WIDTHS,
        down_block_types=("DownEncoderBlock2D",) * len(_CODE_WIDTHS),
        up_block_types=("UpDecoderBlock2D",) * len(_CODE_WIDTHS),
        layers_per_block=1,
        latent_channels=CHANNELS,
        norm_num_groups=_GROUPS,
        mid_block_add_attention=False,
        sample_size=512,
        scaling_factor=SCALING,
        force_upcast=False,
    )
    _start_code(code)
    return code


def make_unet() -> UNet2DConditionModel:
    """Words reach it in its middle only, and nothing there looks at the picture from afar: what was learned on windows
    holds for pictures of any size."""
    unet = UNet2DConditionModel(
        sample_size=WINDOW,
        in_channels=CHANNELS + 3,
        out_channels=CHANNELS,
        down_block_types=("DownBlock2D",) * len(_WIDTHS),
        up_block_types=("UpBlock2D",) * len(_WIDTHS),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        mid_block_only_cross_attention=True,
        block_out_channels=_WIDTHS,
        layers_per_block=1,
        cross_attention_dim=WIDTH,
        attention_head_dim=32,
        norm_num_groups=_GROUPS,
        num_class_embeds=LEVELS + 1,
    )
    _start_unet(unet)
    return unet


@torch.no_grad()
def _start_code(code: AutoencoderKL) -> None:
    mean = torch.zeros(3, 3)
    mean[:2, :2] = 0.25
    _identities(code)
    _lay(code.encoder, _tap(), mean)
    _lay(code.decoder, _blur(-0.15) / _GAIN, _blur(0.2))
    for conv in (code.quant_conv, code.post_quant_conv):
        _link(conv, [(i, i) for i in _PLUS], torch.ones(1, 1))
    code.quant_conv.weight[CHANNELS:] = 0
    code.quant_conv.bias[CHANNELS:] = _SURE
    colors = _patchwork(4, 64)
    _come_out(code.encoder, _GAIN, lambda: code.encode(colors))
    _come_out(code.decoder, 1.0, lambda: code.decode(code.encode(colors).latent_dist.mean))


@torch.no_grad()
def _start_unet(unet: UNet2DConditionModel) -> None:
    """The first convolution is also the last thing that the way up sees again."""
    _identities(unet)
    _link(unet.conv_in, [(i, CHANNELS + i) for i in _PLUS], _tap())
    _steady(unet.conv_in)
    last = unet.up_blocks[-1].resnets[-1]
    _pass_on(last.conv_shortcut, last.in_channels - _WIDTHS[0], last=True)
    x = torch.cat([torch.randn(4, CHANNELS, WINDOW, WINDOW), _patchwork(4, WINDOW)], 1)
    told = torch.zeros(4, 1, WIDTH)
    nn.init.zeros_(unet.conv_out.weight)
    _come_out(unet, _GAIN, lambda: unet(x, 500, told, class_labels=torch.zeros(4, dtype=torch.long)))


def _patchwork(count: int, side: int) -> torch.Tensor:
    """Pictures of random squares, (count, 3, side, side), -1..1."""
    return torch.rand(count, 3, side // 8, side // 8).mul(2).sub(1).repeat_interleave(8, 2).repeat_interleave(8, 3)


def _identities(module: nn.Module) -> None:
    """Every residual block starts as the identity."""
    for block in module.modules():
        if isinstance(block, ResnetBlock2D):
            nn.init.zeros_(block.conv2.weight)
            nn.init.zeros_(block.conv2.bias)


def _lay(part: Encoder | Decoder, first: torch.Tensor, resizing: torch.Tensor) -> None:
    """The straight way through an encoder or a decoder, up to its last normalization: the kernels along it."""
    _link(part.conv_in, [(i, i) for i in _PLUS], first)
    _steady(part.conv_in)
    shortcuts = [block.conv_shortcut for block in part.modules() if isinstance(block, ResnetBlock2D)]
    shortcuts = [shortcut for shortcut in shortcuts if shortcut is not None]
    for shortcut in shortcuts:
        _pass_on(shortcut, last=shortcut is shortcuts[-1])
    for resizer in part.modules():
        if isinstance(resizer, Downsample2D | Upsample2D):
            _link(resizer.conv, [(i, i) for i in _PLUS], resizing)
            _steady(resizer.conv)


def _pass_on(shortcut: nn.Conv2d, first: int = 0, *, last: bool = False) -> None:
    """The straight way through a change of width, from input channel `first` on; at its `last` the negatives join."""
    one = torch.ones(1, 1)
    _link(shortcut, [(i, first + i) for i in (*_PLUS, _ON, _OFF)], one)
    if last:
        _link(shortcut, [(minus, first + plus) for minus, plus in zip(_MINUS, _PLUS, strict=True)], -one)


def _come_out(part: Encoder | Decoder | UNet2DConditionModel, gain: float, run: Callable[[], object]) -> None:
    """The end of the straight way, behind a normalization and SiLU: SiLU(x) - SiLU(-x) is x. What the normalization takes
    away is measured in one run and given back."""
    seen: list[torch.Tensor] = []
    norm, conv = part.conv_norm_out, part.conv_out
    hook = norm.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    run()
    hook.remove()
    mean, spread = float(seen[0].mean()), float(seen[0].std())
    norm.bias[[*_PLUS, *_MINUS]] = mean / spread
    for plus, minus in zip(_PLUS, _MINUS, strict=True):
        _link(conv, [(plus, plus)], _tap(gain * spread))
        conv.weight[plus, minus] = _tap(-gain * spread)


def _link(conv: nn.Conv2d, pairs: Iterable[tuple[int, int]], kernel: torch.Tensor) -> None:
    """Make outputs of a convolution depend on one input each, through the kernel."""
    bias = conv.get_parameter("bias")
    for out, source in pairs:
        conv.weight[out] = 0
        conv.weight[out, source] = kernel
        bias[out] = 0


def _steady(conv: nn.Conv2d) -> None:
    bias = conv.get_parameter("bias")
    for out, value in ((_ON, _STEADY), (_OFF, -_STEADY)):
        conv.weight[out] = 0
        bias[out] = value


def _tap(value: float = 1.0) -> torch.Tensor:
    kernel = torch.zeros(3, 3)
    kernel[1, 1] = value
    return kernel


def _blur(side: float) -> torch.Tensor:
    """A kernel that mixes a pixel with its neighbours; one that sharpens where their share is negative."""
    line = torch.tensor([side, 1 - 2 * side, side])
    return torch.outer(line, line)


def make_scheduler() -> DPMSolverMultistepScheduler:
    """The model says what the latents are; the way to them is straight, as in flow matching."""
    return DPMSolverMultistepScheduler(
        num_train_timesteps=1000, prediction_type="sample", use_flow_sigmas=True, flow_shift=1.0, solver_order=1
    )


def make_low_res_scheduler() -> DDPMScheduler:
    return DDPMScheduler(num_train_timesteps=1000, beta_start=1e-4, beta_end=0.02, beta_schedule="scaled_linear")


@torch.no_grad()
def scaled(vae: AutoencoderKL, factor: float) -> AutoencoderKL:
    """A copy of the code whose latents are `factor` times as large; its pictures are the same."""
    copied = deepcopy(vae)
    copied.quant_conv.weight[:CHANNELS] *= factor
    copied.quant_conv.bias[:CHANNELS] *= factor
    copied.quant_conv.bias[CHANNELS:] += 2 * log(factor)
    copied.post_quant_conv.weight /= factor
    return copied


def pipeline(enlarger: Enlarger, tokenizer: CLIPTokenizer) -> StableDiffusionUpscalePipeline:
    """The pipeline as it is saved; the code in it is a copy whose latents suit the pipeline's fixed factor."""
    pipe = StableDiffusionUpscalePipeline(
        vae=scaled(enlarger.vae, 1 / SCALING),
        text_encoder=enlarger.text,
        tokenizer=tokenizer,
        unet=enlarger.unet,
        low_res_scheduler=make_low_res_scheduler(),
        scheduler=make_scheduler(),
        max_noise_level=LEVELS,
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def load_or_make(warm: Path | None) -> tuple[Enlarger, CLIPTokenizer]:
    """The enlarger of a pipeline folder (`warm`), or an untrained one."""
    if warm is None:
        tokenizer = make_clip_tokenizer()
        return Enlarger(make_unet(), make_clip_text(tokenizer), make_code()), tokenizer
    pipe = StableDiffusionUpscalePipeline.from_pretrained(warm, dtype=torch.float32)
    return Enlarger(pipe.unet, pipe.text_encoder, scaled(pipe.vae, SCALING)), pipe.tokenizer


def enlarged(
    pipe: StableDiffusionUpscalePipeline, picture: NDArray[np.uint8], words: str = "", steps: int = STEPS
) -> NDArray[np.uint8]:
    """The picture FACTOR times as large, by the pipeline's own call."""
    made = pipe(
        prompt=words,
        image=Image.fromarray(picture),
        num_inference_steps=steps,
        guidance_scale=1.0,
        noise_level=0,
        generator=torch.Generator().manual_seed(0),
    )
    return np.asarray(made.images[0])
