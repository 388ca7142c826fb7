using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Sightline.Tests;

/// <summary>An HTTP server on 127.0.0.1 that does what real ones do on bad days.</summary>
internal sealed partial class UnreliableServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Dictionary<string, byte[]> files = [];
    private readonly List<string> requests = [];

    public UnreliableServer()
    {
        listener.Start();
        _ = Task.Run(ServeAsync);
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>Every request so far: path, and the first byte asked for.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (requests)
                return [.. requests];
        }
    }

    /// <summary>How many bytes of the body are sent before the connection is cut, for each request in turn; then all.</summary>
    public Queue<int> CutAfter { get; } = new();

    /// <summary>Statuses to answer instead, in turn.</summary>
    public Queue<int> Refuse { get; } = new();

    public bool IgnoreRanges { get; set; }

    public bool Silent { get; set; }

    public byte[] this[string name]
    {
        set => files["/" + name] = value;
    }

    public void Dispose()
    {
        stop.Cancel();
        listener.Stop();
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(stop.Token);
                await AnswerAsync(client);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
                // The client, or the test, is gone.
            }
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        NetworkStream stream = client.GetStream();
        var text = new StringBuilder();
        byte[] one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, stop.Token) == 0)
                return;
            text.Append((char)one[0]);
        }
        string path = text.ToString().Split(' ')[1];
        Match range = Range().Match(text.ToString());
        long from = range.Success && !IgnoreRanges ? long.Parse(range.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        lock (requests)
            requests.Add($"{path} {(range.Success ? range.Groups[1].Value : "0")}");
        if (Silent)
        {
            await Task.Delay(Timeout.Infinite, stop.Token);
            return;
        }
        if (Refuse.TryDequeue(out int status) || !files.ContainsKey(path))
        {
            await SendAsync(stream, $"HTTP/1.1 {(status == 0 ? 404 : status)} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return;
        }
        byte[] body = files[path];
        if (from >= body.Length && from > 0)
        {
            await SendAsync(stream, $"HTTP/1.1 416 No\r\nContent-Range: bytes */{body.Length}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return;
        }
        int count = (int)(body.Length - from);
        string head = from > 0 ? $"HTTP/1.1 206 Partial\r\nContent-Range: bytes {from}-{body.Length - 1}/{body.Length}\r\n" : "HTTP/1.1 200 OK\r\n";
        await SendAsync(stream, $"{head}Content-Length: {count}\r\nConnection: close\r\n\r\n");
        await stream.WriteAsync(body.AsMemory((int)from, CutAfter.TryDequeue(out int cut) ? Math.Min(cut, count) : count), stop.Token);
    }

    private ValueTask SendAsync(NetworkStream stream, string head) => stream.WriteAsync(Encoding.ASCII.GetBytes(head), stop.Token);

    [GeneratedRegex(@"Range: bytes=(\d+)-", RegexOptions.IgnoreCase)]
    private static partial Regex Range();
}
