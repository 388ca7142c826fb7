namespace Sightline.Simulation;
