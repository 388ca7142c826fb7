using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Torch;

/// <summary>Where a network computes: the processor, or the first CUDA device of a build with CUDA (docs/devices.md).</summary>
public static class ComputeDevice
{
    /// <summary>Whether this build and machine have a CUDA device.</summary>
    /// <returns>True when they do; loads libtorch.</returns>
    public static bool HasCuda() => cuda.is_available();

    /// <summary>Where a network's parameters are.</summary>
    /// <param name="network">The network.</param>
    /// <returns>The device's type; the processor for a network without parameters.</returns>
    public static DeviceType Of(nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        using DisposeScope scope = NewDisposeScope();
        return network.parameters().FirstOrDefault()?.device_type ?? DeviceType.CPU;
    }

    /// <summary>Moves a network's parameters and buffers.</summary>
    /// <param name="network">The network.</param>
    /// <param name="device">Where to.</param>
    public static void Move(nn.Module network, DeviceType device)
    {
        if (Of(network) != device)
            network.to(device);
    }

    /// <summary>A tensor on a device.</summary>
    /// <param name="tensor">Of any shape and type.</param>
    /// <param name="device">The device.</param>
    /// <returns>The tensor itself where it is there already, else a copy.</returns>
    public static Tensor Put(Tensor tensor, DeviceType device)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.device_type == device ? tensor : tensor.to(device);
    }
}
