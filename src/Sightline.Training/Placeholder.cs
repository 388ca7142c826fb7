namespace Sightline.Training;
