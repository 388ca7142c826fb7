namespace Sightline;

/// <summary>
/// How far long work has come. Rooms report it through <see cref="IProgress{T}"/>; the command line shows a bar with rate and time
/// left on a terminal and plain lines otherwise.
/// </summary>
/// <param name="Stage">What is being done, e.g. <c>record drive-02</c>. A new stage starts a new bar.</param>
/// <param name="Done">How many units are done.</param>
/// <param name="Total">How many units there are, when known.</param>
/// <param name="Unit">What is counted, in the plural, e.g. <c>frames</c>.</param>
/// <param name="Note">A short remark, e.g. <c>loss 0.312</c>.</param>
public readonly record struct WorkProgress(string Stage, long Done, long? Total, string Unit, string? Note = null);
