using System.Runtime.CompilerServices;
using TorchSharp;

// torch's default generator and its modes are process-wide: tests of one assembly run one after the other.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

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
