using System.Runtime.CompilerServices;
using TorchSharp;

namespace Sightline.Tests;

/// <summary>
/// Test assemblies run side by side; two torch jobs with two threads each on two cores are many times slower than
/// two with one, so every assembly that touches torch takes one thread.
/// </summary>
internal static class OneTorchThread
{
    [ModuleInitializer]
    internal static void Set() => torch.set_num_threads(1);
}
