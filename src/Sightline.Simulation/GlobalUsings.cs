// Sixteen rays travel together: one lane each. Where the processor has no 512-bit registers, .NET splits these into narrower ones.
global using IntLanes = System.Runtime.Intrinsics.Vector512<int>;
global using Lanes = System.Runtime.Intrinsics.Vector512<float>;
