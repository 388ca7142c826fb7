using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sightline.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Checkpoints;

/// <summary>One hash over a set of weights: two trainings with equal hashes ended with equal bits.</summary>
public static class WeightsHash
{
    /// <summary>SHA-256 over names (in ordinal order), dtypes, shapes and bytes, little-endian, row-major.</summary>
    /// <param name="weights">Tensors by name, on any device.</param>
    /// <returns>64 lower-case hex digits.</returns>
    public static string Of(IEnumerable<KeyValuePair<string, Tensor>> weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[8];
        foreach ((string name, Tensor value) in weights.OrderBy(w => w.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\0{value.dtype}\0"));
            foreach (long side in value.shape)
            {
                BinaryPrimitives.WriteInt64LittleEndian(number, side);
                hash.AppendData(number);
            }
            using Tensor detached = value.detach(), here = ComputeDevice.Put(detached, DeviceType.CPU), flat = here.contiguous();
            hash.AppendData(flat.bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
