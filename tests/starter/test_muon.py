from copy import deepcopy

import pytest


@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 8, 24), (2, 24, 8)])
def test_updates_are_nearly_orthogonal(shape: tuple[int, int, int]) -> None:
    import torch

    from pentimento.starter.muon import orthogonal

    torch.manual_seed(0)
    matrices = torch.randn(shape)
    made = orthogonal(matrices)
    assert made.shape == matrices.shape
    sizes = torch.linalg.svdvals(made)
    assert ((sizes > 0.3) & (sizes < 1.3)).all()
    u, _, v = torch.linalg.svd(matrices, full_matrices=False)
    assert torch.nn.functional.cosine_similarity(made.flatten(1), (u @ v).flatten(1)).min() > 0.95


def test_it_steps_as_the_library_does_in_bfloat16() -> None:
    import torch

    from pentimento.starter.muon import Muon

    torch.manual_seed(0)
    ours, theirs = (torch.nn.Parameter(torch.full((16, 40), 0.5)) for _ in range(2))
    pair = (
        Muon([ours], lr=0.02),
        torch.optim.Muon([theirs], lr=0.02, weight_decay=0.05, momentum=0.95, adjust_lr_fn="match_rms_adamw"),
    )
    for _ in range(5):
        gradient = torch.randn(16, 40)
        for matrix, optimizer in zip((ours, theirs), pair, strict=True):
            matrix.grad = gradient.clone()
            optimizer.step()
    assert not torch.allclose(ours, torch.full((16, 40), 0.5), atol=0.01)
    assert torch.allclose(ours, theirs, atol=2e-3)


def test_a_resumed_optimizer_goes_on_as_if_it_had_not_stopped() -> None:
    import torch

    from pentimento.starter.muon import Muon

    torch.manual_seed(0)
    gradients = torch.randn(2, 8, 8)
    one, other = torch.nn.Parameter(torch.zeros(8, 8)), torch.nn.Parameter(torch.zeros(8, 8))
    first, second = Muon([one], lr=0.1), Muon([other], lr=0.0)
    one.grad = gradients[0]
    first.step()
    second.load_state_dict(deepcopy(first.state_dict()))
    other.data.copy_(one.data)
    one.grad, other.grad = gradients[1], gradients[1]
    first.step()
    second.step()
    assert torch.equal(one, other)
