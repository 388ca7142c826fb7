using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Sightline.Torch.Native;

/// <summary>
/// The loaded libtorch as a shared library: its version and the exported C++ functions that TorchSharp does not wrap. Everything that
/// is called past TorchSharp's public API is looked up here.
/// </summary>
internal static unsafe class Libtorch
{
    /// <summary>The versions whose symbols and layouts were checked.</summary>
    public static IReadOnlyList<string> KnownVersions { get; } = ["2.10.0 (linux-x64)"];

    private static readonly Lazy<nint> Library = new(Load);
    private static readonly Lazy<string> LoadedVersion = new(ReadVersion);

    /// <summary>The version of the loaded libtorch, e.g. <c>2.10.0</c>.</summary>
    public static string Version => LoadedVersion.Value;

    /// <summary>Whether the calling conventions and names used here hold on this platform (Itanium C++ ABI on x86-64).</summary>
    public static bool IsKnownPlatform => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>The address of an exported function.</summary>
    /// <param name="mangled">The Itanium-mangled name.</param>
    /// <param name="what">What it is for, in an error.</param>
    /// <returns>The function's address.</returns>
    /// <exception cref="UnsupportedLibtorchException">The library does not export it, or the platform is another.</exception>
    public static void* Function(string mangled, string what)
    {
        if (!IsKnownPlatform)
            throw new UnsupportedLibtorchException($"{what} is known on linux-x64 only, and this is {RuntimeInformation.RuntimeIdentifier}.");
        if (!NativeLibrary.TryGetExport(Library.Value, mangled, out nint address))
            throw new UnsupportedLibtorchException($"{what} needs the function {mangled}, which libtorch {Version} does not export.");
        return (void*)address;
    }

    /// <summary>The process's one <c>at::Context</c>, which holds libtorch's switches.</summary>
    /// <param name="what">What it is for, in an error.</param>
    /// <returns>Its address.</returns>
    /// <exception cref="UnsupportedLibtorchException">The library does not export it, or the platform is another.</exception>
    public static nint GlobalContext(string what) => ((delegate* unmanaged<nint>)Function("_ZN2at13globalContextEv", what))();

    /// <summary>Calls a function that returns <c>std::string</c> and takes nothing.</summary>
    /// <param name="function">Its address.</param>
    /// <returns>The string.</returns>
    public static string CallForString(void* function)
    {
        // libstdc++: data pointer, length, then either 16 bytes in place or a capacity. The caller owns the buffer.
        byte* text = stackalloc byte[32];
        ((delegate* unmanaged<byte*, byte*>)function)(text);
        return TakeString(text);
    }

    /// <summary>Reads a returned <c>std::string</c> and frees its buffer.</summary>
    /// <param name="text">The 32 bytes of the string object.</param>
    /// <returns>The string.</returns>
    public static string TakeString(byte* text)
    {
        byte* data = *(byte**)text;
        string value = Marshal.PtrToStringUTF8((nint)data, checked((int)*(long*)(text + 8)));
        if (data != text + 16)
            NativeMemory.Free(data); // operator delete is free() in libstdc++
        return value;
    }

    private static nint Load()
    {
        RuntimeHelpers.RunClassConstructor(typeof(torch).TypeHandle); // TorchSharp loads libtorch first, in its own order
        return NativeLibrary.TryLoad("libtorch_cpu", typeof(torch).Assembly, null, out nint handle)
            ? handle
            : throw new UnsupportedLibtorchException("libtorch_cpu could not be opened a second time.");
    }

    private static string ReadVersion()
    {
        if (!IsKnownPlatform || !NativeLibrary.TryGetExport(Library.Value, "_ZN2at11show_configB5cxx11Ev", out nint showConfig))
            return "unknown";
        string config = CallForString((void*)showConfig);
        const string key = "TORCH_VERSION=";
        int start = config.IndexOf(key, StringComparison.Ordinal);
        if (start < 0)
            return "unknown";
        start += key.Length;
        int end = config.IndexOfAny([',', '\n', ' '], start);
        return config[start..(end < 0 ? config.Length : end)];
    }
}
