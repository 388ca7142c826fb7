using Sightline.Torch;
using TorchSharp;

namespace Sightline.Training.Recipes;

/// <summary>Where the network computes.</summary>
public enum DeviceChoice
{
    /// <summary>A CUDA device if this build and machine have one, else the processor.</summary>
    Auto,

    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>The first CUDA device; takes a build with CUDA (docs/devices.md).</summary>
    Cuda,
}

/// <summary>What a choice of device means here.</summary>
public static class DeviceChoices
{
    /// <summary>The device that a choice takes on this machine.</summary>
    /// <param name="choice">The choice.</param>
    /// <returns><see cref="DeviceChoice.Cpu"/> or <see cref="DeviceChoice.Cuda"/>.</returns>
    /// <exception cref="BadInputException">It is CUDA, and this build or machine has none (<c>device-missing</c>).</exception>
    public static DeviceChoice Resolve(this DeviceChoice choice)
    {
        bool cuda = choice != DeviceChoice.Cpu && ComputeDevice.HasCuda();
        if (choice == DeviceChoice.Cuda && !cuda)
            throw new BadInputException("device-missing", "The device is to be cuda, and this build or machine has none.", fix: "Say auto or cpu, or build with CUDA (docs/devices.md).");
        return cuda ? DeviceChoice.Cuda : DeviceChoice.Cpu;
    }

    /// <summary>Torch's word for a resolved choice.</summary>
    /// <param name="choice">The choice; <see cref="DeviceChoice.Auto"/> is resolved.</param>
    /// <returns>The device's type.</returns>
    /// <exception cref="BadInputException">As <see cref="Resolve"/>.</exception>
    public static DeviceType Type(this DeviceChoice choice) => choice.Resolve() == DeviceChoice.Cuda ? DeviceType.CUDA : DeviceType.CPU;
}
