namespace Sightline.Metrics;
