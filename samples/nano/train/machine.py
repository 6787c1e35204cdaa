"""Where training runs, and in which numbers: a GPU where there is one, else the processor; bfloat16 where the machine multiplies it faster."""
import time
import torch

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def seconds_of_product(dtype):
    """Seconds of a product of the vision tower's shape, the least of nine."""
    x, w = torch.ones(2048, 192, dtype=dtype), torch.ones(192, 768, dtype=dtype)
    times = []
    for _ in range(10):                                     # the first one prepares the kernel
        begin = time.perf_counter()
        x @ w
        times.append(time.perf_counter() - begin)
    return min(times[1:])


def bfloat16_is_faster():
    """AMX multiplies bfloat16 several times as fast as float32, AVX-512's own instruction at half its speed on some processors: try it."""
    return seconds_of_product(torch.bfloat16) < seconds_of_product(torch.float32)


BFLOAT16 = DEVICE.type == "cuda" or bfloat16_is_faster()


def autocast():
    """Products in bfloat16, unless float32 is as fast."""
    return torch.autocast(DEVICE.type, dtype=torch.bfloat16, enabled=BFLOAT16)
