"""Sound GGUF files that cannot continue a text: one sentence on what each is.

Some are no language models (`other_kind`): adapters, importance matrices, image models. Others are language models that
only read, or write a text all at once (`obstacle`). Both are recognised by the header's values and tensor names.
"""

import re
from collections.abc import Collection, Iterable, Mapping

from models.library.gguf_reader import Value
from resources.language import tr

PICTURES = frozenset(
    [
        "flux",
        "flux2",
        "sd1",
        "sd2",
        "sd3",
        "sdxl",
        "aura",
        "chroma",
        "cosmos",
        "hidream",
        "hunyuan_image",
        "hunyuan_video",
        "hyvid",
        "ltxv",
        "lumina",
        "lumina2",
        "omnigen",
        "pig",
        "pixart",
        "qwen_image",
        "sana",
        "wan",
        "z_image",
    ]
)
SOUNDS = frozenset(
    [
        "bark",
        "csm",
        "dia",
        "kokoro",
        "outetts",
        "parler-tts",
        "pockettts",
        "qwen3tts",
        "snac",
        "wavtokenizer-dec",
        "whisper",
    ]
)
DRAFTERS = frozenset(["dflash", "eagle", "eagle2", "eagle3", "gemma4-assistant", "medusa"])
ENCODERS = frozenset(
    [
        "bert",
        "eurobert",
        "gemma-embedding",
        "jina-bert-v2",
        "jina-bert-v3",
        "llama-embed",
        "modern-bert",
        "neo-bert",
        "nomic-bert",
        "nomic-bert-moe",
        "t5encoder",
    ]
)
ENCODER_DECODERS = frozenset(["bart", "madlad", "mt5", "t5", "umt5"])
POOLED = (1, 2, 3, 4)  # enum llama_pooling_type: mean, first token, last token, rank; converters write it for no other
DIFFUSION = frozenset(["dream", "llada", "llada-moe", "rnd1"])

# First parts of tensor names in image models whose header names no architecture or an unknown one.
OF_PICTURES = (
    "model.diffusion_model.",
    "first_stage_model.",
    "cond_stage_model.",
    "double_blocks.",
    "single_blocks.",
    "double_stream_blocks.",
    "joint_blocks.",
    "joint_transformer_blocks.",
    "transformer_blocks.",
    "input_blocks.",
    "down_blocks.",
    "patch_embedding.",
    "x_embedder.",
    "img_in.",
)
OF_PROJECTORS = ("v.blk.", "v.patch_embd", "a.blk.", "mm.")

IMATRIX = tr("{name} is an importance matrix, not a language model: it only helps to quantise one.")
LORA = tr("{name} is a LoRA adapter, not a language model: it only changes one that it is loaded with.")
CONTROL_VECTOR = tr("{name} is a control vector, not a language model: it only steers one that it is loaded with.")
PROJECTOR = tr("{name} is a projector (mmproj), not a language model: it only lets one see images or hear sound.")
PICTURE = tr("{name} is an image or video model, not a language model: it makes pictures, not text.")
SOUND = tr("{name} is a sound model, not a language model: it works on speech or music, not on text.")
DRAFTER = tr("{name} is a draft model, not a language model by itself: it only speeds up another one.")
VOCABULARY = tr("{name} is only a vocabulary, not a language model: it holds no weights.")
BESIDE = tr("{name} is not a language model by itself: it goes beside one.")
NO_VOCABULARY = tr("{name} is not a language model: it has no vocabulary, and calls itself “{architecture}”.")

ENCODER = tr("{name} is an encoder: it reads text but can't continue it.")
ENCODER_DECODER = tr("{name} is an encoder-decoder: it turns one text into another but can't continue it.")
DIFFUSING = tr("{name} is a diffusion model: it fills in a whole text at once but can't continue it token by token.")
EMBEDDING = tr("{name} is an embedding model: it turns text into numbers but was not made to continue it.")
NOT_CAUSAL = tr("{name} is not causal: it reads text in both directions but can't continue it.")


def other_kind(values: Mapping[str, Value], arrays: Collection[str], weights: int) -> str:
    """A sentence with the placeholder {name} for the file, if the header's values show that it is no language model;
    else "". arrays: keys of the header's arrays. weights: number of tensors.
    """
    kind, architecture = _text(values, "general.type"), _text(values, "general.architecture")
    keys = [*values, *arrays]
    for holds, sentence in (
        (kind == "imatrix" or architecture == "imatrix" or _any(keys, "imatrix."), IMATRIX),
        (architecture == "controlvector" or _text(values, "adapter.type") == "control_vector", CONTROL_VECTOR),
        (kind == "adapter" or _any(keys, "adapter."), LORA),
        (kind == "mmproj" or architecture == "clip" or _any(keys, "clip."), PROJECTOR),
        (architecture in PICTURES, PICTURE),
        (architecture in SOUNDS, SOUND),
        (architecture in DRAFTERS, DRAFTER),
        (kind == "vocab" or (not weights and "tokenizer.ggml.tokens" in arrays and not _split(values)), VOCABULARY),
        (kind not in {"model", ""}, BESIDE),
    ):
        if holds:
            return sentence
    return ""


def other_kind_by_tensors(names: Iterable[str]) -> str:
    """The same by the tensors' names; else ""."""
    listed = list(names)
    for holds, sentence in (
        (any(name.endswith((".in_sum2", ".counts")) for name in listed), IMATRIX),
        (any(name.endswith((".lora_a", ".lora_b")) for name in listed), LORA),
        (bool(listed) and all(re.fullmatch(r"direction\.\d+", name) for name in listed), CONTROL_VECTOR),
        (bool(listed) and all(name.startswith(OF_PROJECTORS) for name in listed), PROJECTOR),
        (any(name.startswith(OF_PICTURES) for name in listed), PICTURE),
    ):
        if holds:
            return sentence
    return ""


def without_vocabulary(values: Mapping[str, Value], arrays: Collection[str]) -> str:
    """The same for a file with an architecture but neither layers nor a vocabulary; else "". The sentence has the
    placeholders {name} and {architecture}.
    """
    architecture = _text(values, "general.architecture")
    has = f"{architecture}.block_count" in values or has_vocabulary([*values, *arrays])
    return NO_VOCABULARY if architecture and not has else ""


def has_vocabulary(keys: Iterable[str]) -> bool:
    """Whether a header with these keys has a vocabulary. Only language models have one."""
    return _any(keys, "tokenizer.")


def obstacle(architecture: str, values: Mapping[str, Value]) -> str:
    """Why a language model of that architecture cannot continue a text: a sentence with the placeholder {name}; "" if
    the header gives no reason.
    """
    if architecture in ENCODER_DECODERS:
        return ENCODER_DECODER
    if architecture in DIFFUSION or _any(values, "diffusion."):
        return DIFFUSING
    if architecture in ENCODERS:
        return ENCODER
    if values.get(f"{architecture}.attention.causal") is False:
        return NOT_CAUSAL
    return EMBEDDING if values.get(f"{architecture}.pooling_type") in POOLED else ""


def obstacle_by_architecture(architecture: str) -> str:
    """The same for any GGUF, by the name of its architecture alone."""
    return other_kind({"general.architecture": architecture}, (), weights=1) or obstacle(architecture, {})


def _text(values: Mapping[str, Value], key: str) -> str:
    value = values.get(key, "")
    return value.strip().lower() if isinstance(value, str) else ""


def _any(keys: Iterable[str], beginning: str) -> bool:
    return any(key.startswith(beginning) for key in keys)


def _split(values: Mapping[str, Value]) -> bool:
    """Whether the file is a shard; the first one may have no tensors."""
    count = values.get("split.count", 1)
    return isinstance(count, int) and count > 1
