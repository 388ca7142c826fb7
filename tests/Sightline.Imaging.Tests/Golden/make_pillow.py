# Writes pillow.txt beside itself: what Pillow makes of a picture that both sides can compute.
# Debian 12: apt-get install python3-pil; /usr/bin/python3 tests/Sightline.Imaging.Tests/Golden/make_pillow.py
# One line a case: kind, arguments, CRC-32 of the output's bytes, the first and last three pixels.
import os, zlib
import PIL
from PIL import Image, ImageEnhance, ImageOps

def picture(w, h):
    data = bytearray()
    for y in range(h):
        for x in range(w):
            for c in range(3):
                data.append((x * (7 + 4 * c) + y * (13 - 5 * c) + ((x * y) >> 2) + (97 if (x // 3 + y // 5) % 2 else 0) + 61 * c) & 255)
    return Image.frombytes("RGB", (w, h), bytes(data))

lines = ["# Pillow " + PIL.__version__]
def add(kind, args, image):
    b = image.tobytes()
    lines.append(" ".join([kind] + [repr(a) if isinstance(a, float) else str(a) for a in args]) + " | %08x | " % zlib.crc32(b) + " ".join(map(str, b[:9] + b[-9:])))

filters = {"Bilinear": Image.BILINEAR, "Area": Image.BOX, "Nearest": Image.NEAREST}
sizes = [(1, 1, 3, 5), (1, 9, 4, 2), (7, 5, 3, 4), (5, 7, 5, 3), (5, 7, 3, 7), (17, 13, 17, 13), (16, 16, 31, 33), (33, 31, 8, 8), (64, 48, 32, 24), (101, 67, 32, 32), (320, 240, 224, 224), (640, 480, 96, 96), (3, 200, 50, 2)]
for w, h, ow, oh in sizes:
    for name, f in filters.items():
        if name == "Nearest" and (w, h) not in [(64, 48), (7, 5), (33, 31)]:
            continue
        add("resize", [w, h, ow, oh, name], picture(w, h).resize((ow, oh), f))
for w, h, box, ow, oh in [(40, 30, (4.0, 5.0, 24.0, 25.0), 10, 10), (40, 30, (0.5, 1.25, 33.75, 29.5), 17, 21), (40, 30, (10.25, 10.5, 12.75, 13.0), 32, 32), (320, 240, (31.5, 17.25, 200.5, 180.75), 224, 224), (9, 9, (0.0, 0.0, 9.0, 4.5), 9, 9)]:
    for name in ("Bilinear", "Area"):
        add("crop", [w, h, *box, ow, oh, name], picture(w, h).resize((ow, oh), filters[name], box=box))
for factor in (0.0, 0.25, 0.7, 1.0, 1.3, 1.875):
    p = picture(37, 29)
    add("brightness", [factor], ImageEnhance.Brightness(p).enhance(factor))
    add("contrast", [factor], ImageEnhance.Contrast(p).enhance(factor))
    add("saturation", [factor], ImageEnhance.Color(p).enhance(factor))
for shift in (0, 13, 64, 200, 255):
    h, s, v = picture(37, 29).convert("HSV").split()
    h = h.point(lambda x: (x + shift) & 255)
    add("hue", [shift], Image.merge("HSV", (h, s, v)).convert("RGB"))
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pillow.txt"), "w") as f:
    f.write("\n".join(lines) + "\n")
