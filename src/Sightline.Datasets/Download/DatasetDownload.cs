using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Sightline.Datasets.Download;

/// <summary>A download that did not succeed; the message says why and what to do.</summary>
/// <param name="message">The message.</param>
/// <param name="inner">What it explains.</param>
public sealed class DownloadException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What became of one file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its SHA-256, checked.</param>
/// <param name="Downloaded">How many bytes came over the network this time; 0 when it was here.</param>
public sealed record DownloadedFile(string Name, string Path, long Bytes, string Sha256, long Downloaded);

/// <summary>
/// Downloads published data sets into the cache folder. A broken connection is taken up where it broke, by an HTTP range, in this run or
/// the next; a file gets its name only when its SHA-256 is the published one.
/// </summary>
/// <param name="cacheFolder">The cache folder; null for <see cref="DataFolders.Cache"/>.</param>
/// <param name="mirror">An address that has the files under their names and is asked first, e.g. inside a closed network; null for none.</param>
public sealed class DatasetDownload(string? cacheFolder = null, string? mirror = null)
{
    // No file of the catalogue is near it: ends an address that never stops sending.
    private const long MaxBytes = 1L << 33;

    private readonly string cache = cacheFolder ?? DataFolders.Cache();

    /// <summary>How often one address may fail in a row without a single new byte.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>How long an address may stay silent.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The wait after a failure; it doubles each time.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The folder of a data set: what <see cref="ImageSet.Open"/> gets.</summary>
    /// <param name="name">The data set's name.</param>
    /// <returns>Its path; it need not exist.</returns>
    public string FolderOf(string name) => Path.Combine(cache, name);

    /// <summary>Gets what is not here yet.</summary>
    /// <param name="release">The data set.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Ends it early; what came is kept for the next time.</param>
    /// <returns>The files.</returns>
    /// <exception cref="BadInputException">The mirror is no HTTP address (<c>mirror-address</c>).</exception>
    /// <exception cref="DownloadException">There is no network, or every address failed or sent something else.</exception>
    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    public async Task<IReadOnlyList<DownloadedFile>> GetAsync(DatasetRelease release, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(release);
        if (mirror is not null && !(Uri.TryCreate(mirror, UriKind.Absolute, out Uri? address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)))
            throw new BadInputException("mirror-address", $"The mirror '{mirror}' is not an address.", fix: "Write it as https://host/folder.");
        string folder = FolderOf(release.Name);
        Directory.CreateDirectory(folder);
        // Compressed files must stay as they are; the time limit is ours, per read.
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None, ConnectTimeout = Patience }) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("sightline/0.1");
        var files = new List<DownloadedFile>();
        foreach (DatasetFile file in release.Files)
        {
            try
            {
                files.Add(await GetAsync(client, folder, file, progress, cancellation).ConfigureAwait(false));
            }
            finally
            {
                // Where nothing came there is nothing to go on from.
                var part = new FileInfo(Path.Combine(folder, file.Name + ".part"));
                if (part is { Exists: true, Length: 0 })
                    part.Delete();
            }
        }
        return files;
    }

    private async Task<DownloadedFile> GetAsync(HttpClient client, string folder, DatasetFile file, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, file.Name), part = path + ".part";
        if (File.Exists(path) && await HashAsync(path, cancellation).ConfigureAwait(false) == file.Sha256)
            return new DownloadedFile(file.Name, path, new FileInfo(path).Length, file.Sha256, 0);
        string[] addresses = [.. mirror is null ? [] : new[] { $"{mirror.TrimEnd('/')}/{file.Name}" }, .. file.Addresses];
        var failures = new List<(string Address, string Reason)>();
        long received = 0;
        foreach (string address in addresses)
        {
            // What is left of an earlier run may be of another file: when the hash is wrong, one more try from the start.
            for (bool resumed = true; resumed;)
            {
                resumed = File.Exists(part) && new FileInfo(part).Length > 0;
                try
                {
                    received += await FetchAsync(client, address, part, file, progress, cancellation).ConfigureAwait(false);
                }
                catch (DownloadException exception)
                {
                    failures.Add((address, exception.Message));
                    break;
                }
                string hash = await HashAsync(part, cancellation).ConfigureAwait(false);
                if (hash == file.Sha256)
                {
                    File.Move(part, path, overwrite: true);
                    return new DownloadedFile(file.Name, path, new FileInfo(path).Length, hash, received);
                }
                File.Delete(part);
                if (!resumed)
                    failures.Add((address, $"what came has the SHA-256 {hash}, not {file.Sha256}"));
            }
        }
        string reasons = string.Join("; ", failures.GroupBy(f => f.Reason).Select(g => $"{string.Join(", ", g.Select(f => f.Address))}: {g.Key}"));
        throw new DownloadException(
            $"{file.Name} could not be downloaded. {reasons}. Check the network (and the proxy: HTTPS_PROXY) and run the command again, it goes on where it stopped; "
            + $"or fetch the file on another machine and put it at {path}");
    }

    // Fetches until the file is whole; gives up after several failures in a row without a new byte.
    private async Task<long> FetchAsync(HttpClient client, string address, string part, DatasetFile file, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        long received = 0;
        TimeSpan pause = Pause;
        for (int failed = 0; ;)
        {
            long before = received;
            try
            {
                if (await FetchOnceAsync(client, address, part, file, n => received += n, progress, cancellation).ConfigureAwait(false))
                    return received;
                throw new IOException("the connection ended before the file did");
            }
            catch (Exception exception) when (IsNetwork(exception))
            {
                if (received > before)
                    (failed, pause) = (0, Pause);
                // A refusal or an unknown host will not change by asking again at once.
                bool final = exception is HttpRequestException { StatusCode: not null and not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests) and < HttpStatusCode.InternalServerError }
                    or HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError };
                if (final || ++failed >= Attempts)
                    throw new DownloadException(Reason(exception), exception);
                await Task.Delay(pause, cancellation).ConfigureAwait(false);
                pause *= 2;
            }
        }
    }

    private async Task<bool> FetchOnceAsync(
        HttpClient client, string address, string part, DatasetFile file, Action<int> received, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        await using var target = new FileStream(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        long have = target.Length;
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (have > 0)
            request.Headers.Range = new RangeHeaderValue(have, null);
        using HttpResponseMessage response = await Patiently(t => client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, t), cancellation).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // We have all of it, or more than there is; the hash decides.
            if (response.Content.Headers.ContentRange?.Length == have)
                return true;
            target.SetLength(0);
            throw new IOException("what was kept does not fit the file at this address");
        }
        response.EnsureSuccessStatusCode();
        bool continues = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == have;
        if (!continues)
            target.SetLength(have = 0);
        target.Position = have;
        long? total = response.Content.Headers.ContentLength is long length ? have + length : file.Bytes;
        long limit = file.Bytes ?? MaxBytes;
        if (total > limit)
            throw new DownloadException($"the address announces {total} bytes, not {limit}");
        using Stream source = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        byte[] buffer = new byte[1 << 16];
        int count;
        while ((count = await Patiently(t => source.ReadAsync(buffer, t).AsTask(), cancellation).ConfigureAwait(false)) > 0)
        {
            have += count;
            if (have > limit)
                throw new DownloadException($"the address sends more than {limit} bytes");
            await target.WriteAsync(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
            received(count);
            progress?.Report(new WorkProgress(file.Name, have, total, "bytes"));
        }
        return total is null || have >= total;
    }

    private async Task<T> Patiently<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(Patience);
        try
        {
            return await work(limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"nothing came for {Patience.TotalSeconds:0.#} seconds", exception);
        }
    }

    // Trouble with the disk is reported as it is: an IOException with the system's own code and no socket behind it.
    private static bool IsNetwork(Exception exception) => exception switch
    {
        HttpRequestException or HttpIOException or SocketException or TimeoutException => true,
        IOException io => io.InnerException is not null || io.HResult == new IOException().HResult,
        _ => false,
    };

    private static string Reason(Exception exception) => exception switch
    {
        HttpRequestException { StatusCode: HttpStatusCode status } => $"the address answers {(int)status} {status}",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "no connection, the host's name is not known (is there a network?)",
        HttpRequestException { InnerException: SocketException socket } => $"no connection ({socket.Message})",
        _ => exception.Message.TrimEnd('.'),
    };

    private static async Task<string> HashAsync(string path, CancellationToken cancellation)
    {
        await using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false));
    }
}
