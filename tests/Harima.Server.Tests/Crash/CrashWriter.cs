using System.Net;
using System.Security.Cryptography;
using System.Text;
using Harima.S3.Client;
using Harima.S3.Errors;
using Harima.S3.Signing;

namespace Harima.Crash;

/// <summary>
/// One writer with keys of its own, one operation after the other: so what may be there after a kill is known exactly.
/// </summary>
sealed class CrashWriter(int number, int seed, Uri endpoint, HttpClient http, Credentials credentials)
{
    const string Bucket = RunningHarima.Bucket;

    readonly Random _random = new(seed);
    readonly Dictionary<string, KeyHistory> _keys = [];
    readonly List<OpenUpload> _uploads = [];

    public IEnumerable<KeyHistory> Keys => _keys.Values;

    long _answered;

    /// <summary>How many operations were answered so far; may be asked while it writes.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Answered operations by name.</summary>
    public Dictionary<string, long> Done { get; } = [];

    public long FinishedAfterKill { get; private set; }

    /// <summary>A multipart upload whose beginning was answered.</summary>
    sealed record OpenUpload(KeyHistory Key, string Id, byte[][] Parts)
    {
        public Dictionary<int, UploadedPart> Answered { get; } = [];
        public bool IsCompleting { get; set; }
        public bool IsAborting { get; set; }
    }

    /// <summary>Writes until the server is gone.</summary>
    public async Task WriteAsync(S3Client client, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var name = await OneAsync(client, cancellationToken);
                Done[name] = Done.GetValueOrDefault(name) + 1;
                Interlocked.Increment(ref _answered);
            }
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException)
        {
            // The server died under it: the outcome is open until the next start.
        }
    }

    /// <summary>After a start: reads what was touched, and goes on with the uploads that were interrupted.</summary>
    public async Task SettleAsync(S3Client client, CancellationToken cancellationToken)
    {
        foreach (var history in _keys.Values.Where(history => history.Touched))
            await SettleAsync(client, history, cancellationToken);
        foreach (var upload in _uploads.ToList())
        {
            if (upload.IsCompleting || upload.IsAborting)
                await EndAsync(client, upload, cancellationToken);
            else
                await FinishAsync(client, upload, cancellationToken);
            _uploads.Remove(upload);
            await SettleAsync(client, upload.Key, cancellationToken);
        }
    }

    async Task<string> OneAsync(S3Client client, CancellationToken cancellationToken)
    {
        switch (_random.Next(40))
        {
            case 0 or 1 or 2:
                var removed = Pick();
                removed.Attempt(null);
                await client.DeleteObjectAsync(Bucket, removed.Key, cancellationToken);
                removed.Answered();
                return "DeleteObject";
            case 3 or 4:
                await DeleteManyAsync(cancellationToken);
                return "DeleteObjects";
            case 5
            or 6
            or 7
                when _keys.Values.Where(key => key is { IsKnown: true, Now: not null }).ToList()
                    is { Count: > 0 } sources:
                await CopyAsync(sources[_random.Next(sources.Count)], Pick(), cancellationToken);
                return "CopyObject";
            case 8 or 9 or 10:
                return await MultipartAsync(client, cancellationToken);
            default:
                var put = Pick();
                var bytes = Bytes(_random.Next(8) > 0 ? _random.Next(0, 20_000) : _random.Next(200_000, 3_000_000));
                var name = put.Now is null ? "PutObject" : "overwrite";
                put.Attempt(Hash(bytes));
                await client.PutObjectAsync(
                    Bucket,
                    put.Key,
                    new MemoryStream(bytes),
                    bytes.Length,
                    null,
                    cancellationToken
                );
                put.Answered();
                return name;
        }
    }

    async Task DeleteManyAsync(CancellationToken cancellationToken)
    {
        var removed = Enumerable.Range(0, 6).Select(_ => Pick()).Distinct().ToList();
        foreach (var one in removed)
            one.Attempt(null);
        var keys = string.Concat(removed.Select(one => $"<Object><Key>{one.Key}</Key></Object>"));
        var answer = await SendAsync(HttpMethod.Post, "?delete", $"<Delete>{keys}</Delete>", null, cancellationToken);
        Assert.DoesNotContain("<Error>", answer, StringComparison.Ordinal);
        foreach (var one in removed)
            one.Answered();
    }

    async Task CopyAsync(KeyHistory source, KeyHistory target, CancellationToken cancellationToken)
    {
        if (source == target)
            return;
        target.Attempt(source.Now);
        var answer = await SendAsync(
            HttpMethod.Put,
            "/" + target.Key,
            null,
            $"/{Bucket}/{source.Key}",
            cancellationToken
        );
        Assert.Contains("<ETag>", answer, StringComparison.Ordinal);
        target.Answered();
    }

    async Task<string> MultipartAsync(S3Client client, CancellationToken cancellationToken)
    {
        var key = Pick();
        byte[][] parts = [Bytes(5 << 20), Bytes(_random.Next(1, 100_000))];
        var id = await client.CreateMultipartUploadAsync(Bucket, key.Key, null, cancellationToken);
        var upload = new OpenUpload(key, id, parts);
        _uploads.Add(upload);
        // In either order, and sometimes a part twice.
        int[] order = _random.Next(2) == 0 ? [1, 2] : [2, 1];
        if (_random.Next(4) == 0)
            order = [.. order, order[0]];
        foreach (var part in order)
            upload.Answered[part] = await PartAsync(client, upload, part, cancellationToken);
        if (_random.Next(4) == 0)
        {
            upload.IsAborting = true;
            await client.AbortMultipartUploadAsync(Bucket, key.Key, id, cancellationToken);
            await RequireGoneAsync(client, upload, cancellationToken);
            _uploads.Remove(upload);
            return "AbortMultipartUpload";
        }
        await CompleteAsync(client, upload, cancellationToken);
        _uploads.Remove(upload);
        return "CompleteMultipartUpload";
    }

    static async Task CompleteAsync(S3Client client, OpenUpload upload, CancellationToken cancellationToken)
    {
        upload.IsCompleting = true;
        upload.Key.Attempt(Hash([.. upload.Parts.SelectMany(part => part)]));
        await client.CompleteMultipartUploadAsync(
            Bucket,
            upload.Key.Key,
            upload.Id,
            [.. upload.Answered.OrderBy(part => part.Key).Select(part => part.Value)],
            cancellationToken
        );
        upload.Key.Answered();
    }

    /// <summary>Every answered part must be there; the others are sent again, and the whole must come out right.</summary>
    async Task FinishAsync(S3Client client, OpenUpload upload, CancellationToken cancellationToken)
    {
        var listed = new Dictionary<int, string>();
        await foreach (var part in client.ListPartsAsync(Bucket, upload.Key.Key, upload.Id, cancellationToken))
            listed[part.PartNumber] = part.ETag.Trim('"');
        foreach (var (number, part) in upload.Answered)
            Assert.Equal(part.ETag, listed.GetValueOrDefault(number));
        for (var part = 1; part <= upload.Parts.Length; part++)
        {
            if (!upload.Answered.ContainsKey(part))
                upload.Answered[part] = await PartAsync(client, upload, part, cancellationToken);
        }
        await CompleteAsync(client, upload, cancellationToken);
        FinishedAfterKill++;
    }

    /// <summary>The end was on its way: it happened, or it can be asked for again.</summary>
    static async Task EndAsync(S3Client client, OpenUpload upload, CancellationToken cancellationToken)
    {
        try
        {
            if (upload.IsAborting)
                await client.AbortMultipartUploadAsync(Bucket, upload.Key.Key, upload.Id, cancellationToken);
            else
                await CompleteAsync(client, upload, cancellationToken);
        }
        catch (S3Exception gone) when (gone.Error.Code == "NoSuchUpload")
        {
            // It did happen.
        }
        await RequireGoneAsync(client, upload, cancellationToken);
    }

    static async Task RequireGoneAsync(S3Client client, OpenUpload upload, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in client.ListPartsAsync(Bucket, upload.Key.Key, upload.Id, cancellationToken)) { }
            Assert.Fail($"The upload {upload.Id} of {upload.Key.Key} was ended and is still there.");
        }
        catch (S3Exception gone) when (gone.Error.Code == "NoSuchUpload")
        {
            // As it should be. A server that is killed while it is asked is the caller's business.
        }
    }

    static Task<UploadedPart> PartAsync(
        S3Client client,
        OpenUpload upload,
        int part,
        CancellationToken cancellationToken
    ) =>
        client.UploadPartAsync(
            Bucket,
            upload.Key.Key,
            upload.Id,
            part,
            new MemoryStream(upload.Parts[part - 1]),
            upload.Parts[part - 1].Length,
            cancellationToken
        );

    /// <summary>Reads the key and checks that it is one of the states it may be in; that one is then the state it is in.</summary>
    static async Task SettleAsync(S3Client client, KeyHistory history, CancellationToken cancellationToken)
    {
        string? found = null;
        try
        {
            using var body = await client.GetObjectAsync(Bucket, history.Key, null, null, cancellationToken);
            using var copy = new MemoryStream();
            await body.Content.CopyToAsync(copy, cancellationToken);
            found = Hash(copy.ToArray());
        }
        catch (S3Exception fault) when (fault.Error.Code == "NoSuchKey")
        {
            // Deleted, or never stored.
        }
        history.Settle(found);
    }

    /// <summary>What the client has no method for.</summary>
    async Task<string> SendAsync(
        HttpMethod method,
        string below,
        string? body,
        string? copySource,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(endpoint, "/" + Bucket + below));
        if (body is not null)
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            request.Content = new ByteArrayContent(bytes);
            request.Content.Headers.ContentMD5 = MD5.HashData(bytes);
        }
        if (copySource is not null)
            request.Headers.TryAddWithoutValidation("x-amz-copy-source", copySource);
        new RequestSigner(credentials, "us-east-1", TimeProvider.System).Sign(request, PayloadHash.UnsignedPayload);
        using var response = await http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{method} {below}: {(int)response.StatusCode} {text}");
        return text;
    }

    KeyHistory Pick()
    {
        var key = FormattableString.Invariant($"W{number}/d{_random.Next(3)}/f{_random.Next(12)}");
        return _keys.TryGetValue(key, out var known) ? known : _keys[key] = new KeyHistory(key);
    }

    byte[] Bytes(int sizeBytes)
    {
        var bytes = new byte[sizeBytes];
        _random.NextBytes(bytes);
        return bytes;
    }

    public static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
