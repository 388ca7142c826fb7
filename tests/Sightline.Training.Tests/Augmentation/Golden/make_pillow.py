"""Golden results of augmentation operations by Pillow, as torchvision's RandAugment calls it on PIL images.

Run with Debian's python3-pil and python3-numpy:  python3 make_pillow.py > pillow.json
"""
import base64, json, math
import numpy, PIL
from PIL import Image, ImageEnhance, ImageOps

rng = numpy.random.default_rng(11)
def picture(w, h, low, high):
    y, x = numpy.mgrid[0:h, 0:w]
    base = numpy.stack([(x * 9 + y * 3) % 256, (x * 2 + y * 11) % 256, (x * y) % 256], axis=-1)
    noise = rng.integers(0, 256, size=(h, w, 3))
    return (low + ((base + noise) // 2) * (high - low) // 255).astype(numpy.uint8)

images = [picture(23, 17, 0, 255), picture(16, 16, 60, 190), numpy.full((9, 12, 3), (10, 200, 77), numpy.uint8)]

def apply(im, op, s):
    if op == "ShearX":     return im.transform(im.size, Image.AFFINE, (1, s, 0, 0, 1, 0), Image.NEAREST)
    if op == "ShearY":     return im.transform(im.size, Image.AFFINE, (1, 0, 0, s, 1, 0), Image.NEAREST)
    if op == "TranslateX": return im.transform(im.size, Image.AFFINE, (1, 0, -int(s), 0, 1, 0), Image.NEAREST)
    if op == "TranslateY": return im.transform(im.size, Image.AFFINE, (1, 0, 0, 0, 1, -int(s)), Image.NEAREST)
    if op == "Rotate":     return im.rotate(s, Image.NEAREST)
    if op == "Brightness": return ImageEnhance.Brightness(im).enhance(1 + s)
    if op == "Color":      return ImageEnhance.Color(im).enhance(1 + s)
    if op == "Contrast":   return ImageEnhance.Contrast(im).enhance(1 + s)
    if op == "Sharpness":  return ImageEnhance.Sharpness(im).enhance(1 + s)
    if op == "Posterize":  return ImageOps.posterize(im, int(s))
    if op == "Solarize":   return ImageOps.solarize(im, s)
    if op == "AutoContrast": return ImageOps.autocontrast(im)
    if op == "Equalize":   return ImageOps.equalize(im)
    return im.copy()

cases = []
strengths = {
    "Identity": [0], "ShearX": [0.09, -0.3], "ShearY": [0.09, -0.3], "TranslateX": [3.9, -2.2], "TranslateY": [3.9, -2.2], "Rotate": [9, -30, 17.3],
    "Brightness": [0.27, -0.9, 0.9], "Color": [0.27, -0.9, 0.9], "Contrast": [0.27, -0.9, 0.9], "Sharpness": [0.27, -0.9, 0.9],
    "Posterize": [8, 6, 4], "Solarize": [255, 178.5, 0], "AutoContrast": [0], "Equalize": [0],
}
for op, list_ in strengths.items():
    for s in list_:
        for i, a in enumerate(images):
            out = numpy.asarray(apply(Image.fromarray(a), op, s))
            cases.append({"operation": op, "strength": s, "image": i, "pixels": base64.b64encode(out.tobytes()).decode()})

# torchvision's augmentation space with 31 bins, for an image of 331 x 200.
bins = {m: {
    "ShearX": numpy.linspace(0, 0.3, 31)[m], "TranslateX": numpy.linspace(0, 150.0 / 331.0 * 331, 31)[m], "TranslateY": numpy.linspace(0, 150.0 / 331.0 * 200, 31)[m],
    "Rotate": numpy.linspace(0, 30, 31)[m], "Brightness": numpy.linspace(0, 0.9, 31)[m],
    "Posterize": float((8 - numpy.round(numpy.arange(31) / ((31 - 1) / 4)))[m]), "Solarize": numpy.linspace(255, 0, 31)[m],
} for m in range(31)}
print(json.dumps({
    "pillow": PIL.__version__,
    "images": [{"width": a.shape[1], "height": a.shape[0], "pixels": base64.b64encode(a.tobytes()).decode()} for a in images],
    "cases": cases, "strengths": bins,
}))
