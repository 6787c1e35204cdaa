"""Where training runs, and in which numbers: a GPU where there is one, else the processor; bfloat16 where the machine multiplies it by itself."""
import torch

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def processor_has_bfloat16():
    try:
        with open("/proc/cpuinfo") as f:
            flags = next((l for l in f if l.startswith(("flags", "Features"))), "").split()
    except OSError:
        return False
    return bool({"avx512_bf16", "amx_bf16", "bf16"} & set(flags))


BFLOAT16 = DEVICE.type == "cuda" or processor_has_bfloat16()


def autocast():
    """Products in bfloat16, unless the machine would only imitate them."""
    return torch.autocast(DEVICE.type, dtype=torch.bfloat16, enabled=BFLOAT16)
