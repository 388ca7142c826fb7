namespace Sightline.Verification;
