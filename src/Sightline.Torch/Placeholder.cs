namespace Sightline.Torch;
