using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using Harima.S3.Checksums;
using Harima.S3.Errors;
using Harima.S3.Signing;
using Harima.S3.Xml;

namespace Harima.S3.Client;

/// <summary>A small S3 client: streams only, one request per call, retries are the caller's.</summary>
/// <param name="http">Sends; its timeout must suit the longest transfer.</param>
/// <param name="endpoint">The server's root, such as <c>http://localhost:9000</c>.</param>
/// <param name="region">The region to sign for.</param>
/// <param name="credentials">Whose key to sign with.</param>
/// <param name="time">Dates the signatures.</param>
public sealed partial class S3Client(
    HttpClient http,
    Uri endpoint,
    string region,
    Credentials credentials,
    TimeProvider time
)
{
    readonly RequestSigner _signer = new(credentials, region, time);
    readonly string _root = endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/');

    /// <summary>Whether the bucket is named by the host (<c>bucket.s3.example.org</c>) and not by the path.</summary>
    public bool NamesBucketByHost { get; init; }

    /// <summary>How streamed uploads are protected.</summary>
    public UploadIntegrity Integrity { get; init; } = UploadIntegrity.Trailer;

    /// <summary>What uploads are checked with.</summary>
    public ChecksumAlgorithm UploadChecksum { get; init; } = ChecksumAlgorithm.Crc64Nvme;

    /// <summary>HeadObject; null when there is no such object, or the caller may not read it.</summary>
    public async Task<ObjectHead?> FindObjectAsync(string bucket, string key, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Head, bucket, key);
        request.Headers.TryAddWithoutValidation("x-amz-checksum-mode", "ENABLED");
        using var response = await SendAsync(request, PayloadHash.Empty, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        await RequireSuccessAsync(response, cancellationToken).ConfigureAwait(false);
        return ReadHead(response);
    }

    /// <summary>GetObject, whole or a range.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="range">The bytes wanted; null for all.</param>
    /// <param name="ifMatch">The entity tag it must still have; null for any.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="S3Exception">NoSuchKey, PreconditionFailed, InvalidRange, …</exception>
    public async Task<ObjectBody> GetObjectAsync(
        string bucket,
        string key,
        ByteRange? range,
        string? ifMatch,
        CancellationToken cancellationToken
    )
    {
        using var request = Request(HttpMethod.Get, bucket, key);
        if (range is { } bytes)
            request.Headers.Range = new RangeHeaderValue(bytes.Start, bytes.End);
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", $"\"{ifMatch}\"");
        request.Headers.TryAddWithoutValidation("x-amz-checksum-mode", "ENABLED");
        var response = await SendAsync(request, PayloadHash.Empty, cancellationToken).ConfigureAwait(false);
        try
        {
            await RequireSuccessAsync(response, cancellationToken).ConfigureAwait(false);
            var content = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            return new ObjectBody(response, ReadHead(response), content);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>PutObject with a checksum behind the body, which the server verifies before it answers.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="content">The bytes; read once, not disposed.</param>
    /// <param name="lengthBytes">How many bytes to send.</param>
    /// <param name="options">Content type and metadata, or null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<WrittenObject> PutObjectAsync(
        string bucket,
        string key,
        Stream content,
        long lengthBytes,
        ObjectOptions? options,
        CancellationToken cancellationToken
    )
    {
        using var request = Request(HttpMethod.Put, bucket, key);
        using var body = Chunked(content, lengthBytes);
        request.Content = body;
        Describe(request, options);
        using var response = await SendAsync(request, body.Payload, cancellationToken).ConfigureAwait(false);
        await RequireSuccessAsync(response, cancellationToken).ConfigureAwait(false);
        return new WrittenObject(ETag(response), body.Checksum);
    }

    /// <summary>PutObject of bytes that are in memory, verified by their SHA-256; may be sent again as it is.</summary>
    public async Task<WrittenObject> PutBytesAsync(
        string bucket,
        string key,
        ReadOnlyMemory<byte> bytes,
        ObjectOptions? options,
        CancellationToken cancellationToken
    )
    {
        using var request = Request(HttpMethod.Put, bucket, key);
        request.Content = new ReadOnlyMemoryContent(bytes);
        Describe(request, options);
        using var response = await SendAsync(request, PayloadHash.Of(bytes.Span), cancellationToken)
            .ConfigureAwait(false);
        await RequireSuccessAsync(response, cancellationToken).ConfigureAwait(false);
        return new WrittenObject(ETag(response), null);
    }

    /// <summary>CopyObject within the server; at most 5 GiB.</summary>
    /// <param name="bucket">The bucket of both.</param>
    /// <param name="sourceKey">What to copy.</param>
    /// <param name="key">Where to.</param>
    /// <param name="options">Content type and metadata of the copy; null for those of the source.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<string> CopyObjectAsync(
        string bucket,
        string sourceKey,
        string key,
        ObjectOptions? options,
        CancellationToken cancellationToken
    )
    {
        using var request = Request(HttpMethod.Put, bucket, key);
        Describe(request, options);
        request.Headers.TryAddWithoutValidation("x-amz-copy-source", SourceOf(bucket, sourceKey));
        if (options is not null)
            request.Headers.TryAddWithoutValidation("x-amz-metadata-directive", "REPLACE");
        var fields = await ReadXmlAsync(request, "CopyObjectResult", static (_, _) => { }, cancellationToken)
            .ConfigureAwait(false);
        return fields["ETag"].Trim('"');
    }

    static string SourceOf(string bucket, string key) =>
        $"/{UriEncoding.Encode(bucket)}/{UriEncoding.Encode(key, keepSlash: true)}";

    AwsChunkedContent Chunked(Stream content, long lengthBytes) =>
        new(content, lengthBytes, Integrity == UploadIntegrity.Trailer ? UploadChecksum : null);

    /// <summary>DeleteObject; deleting what is not there succeeds.</summary>
    public async Task DeleteObjectAsync(string bucket, string key, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Delete, bucket, key);
        using var response = await SendAsync(request, PayloadHash.Empty, cancellationToken).ConfigureAwait(false);
        await RequireSuccessAsync(response, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>ListObjectsV2: one page of at most 1,000 keys.</summary>
    public async Task<ObjectPage> ListObjectsV2Async(
        string bucket,
        string prefix,
        string? delimiter,
        string? continuationToken,
        CancellationToken cancellationToken
    )
    {
        using var request = Request(
            HttpMethod.Get,
            bucket,
            null,
            ("list-type", "2"),
            ("encoding-type", "url"),
            ("prefix", prefix),
            ("delimiter", delimiter),
            ("continuation-token", continuationToken)
        );
        var objects = new List<ObjectEntry>();
        var prefixes = new List<string>();
        var fields = await ReadXmlAsync(
                request,
                "ListBucketResult",
                (name, row) =>
                {
                    if (name == "Contents")
                    {
                        objects.Add(
                            new ObjectEntry(
                                Decode(row["Key"]),
                                Time(row["LastModified"]),
                                row["ETag"].Trim('"'),
                                Number(row["Size"])
                            )
                        );
                    }
                    else if (name == "CommonPrefixes")
                    {
                        prefixes.Add(Decode(row["Prefix"]));
                    }
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        var next = fields.GetValueOrDefault("IsTruncated") == "true" ? fields["NextContinuationToken"] : null;
        return new ObjectPage(objects, prefixes, next);
    }

    /// <summary>Every object under a prefix, page by page.</summary>
    public async IAsyncEnumerable<ObjectEntry> ListObjectsAsync(
        string bucket,
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        string? token = null;
        do
        {
            var page = await ListObjectsV2Async(bucket, prefix, null, token, cancellationToken).ConfigureAwait(false);
            foreach (var entry in page.Objects)
                yield return entry;
            token = page.NextToken;
        } while (token is not null);
    }

    /// <summary>A URL with which whoever holds it may use this object until it expires.</summary>
    /// <param name="method">The method the URL is for.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="lifetime">At most seven days.</param>
    /// <param name="query">What else it asks for, such as <c>response-content-type</c>.</param>
    public Uri Presign(
        HttpMethod method,
        string bucket,
        string key,
        TimeSpan lifetime,
        params ReadOnlySpan<(string Name, string? Value)> query
    ) => _signer.Presign(method, Address(bucket, key, query), lifetime);

    HttpRequestMessage Request(
        HttpMethod method,
        string bucket,
        string? key,
        params ReadOnlySpan<(string Name, string? Value)> query
    ) => new(method, Address(bucket, key, query));

    Uri Address(string bucket, string? key, ReadOnlySpan<(string Name, string? Value)> query)
    {
        var uri = new StringBuilder();
        if (NamesBucketByHost)
            uri.Append(endpoint.Scheme)
                .Append("://")
                .Append(bucket)
                .Append('.')
                .Append(_root.AsSpan(_root.IndexOf("//", StringComparison.Ordinal) + 2));
        else
            uri.Append(_root).Append('/').Append(UriEncoding.Encode(bucket));
        if (key is not null)
            uri.Append('/').Append(UriEncoding.Encode(key, keepSlash: true));
        var separator = '?';
        foreach (var (name, value) in query)
        {
            if (value is null)
                continue;
            uri.Append(separator).Append(name).Append('=').Append(UriEncoding.Encode(value));
            separator = '&';
        }
        return RawUri.Create(uri.ToString());
    }

    static void Describe(HttpRequestMessage request, ObjectOptions? options)
    {
        if (options is null)
            return;
        if (options.ContentType is { } type)
        {
            request.Content ??= new ByteArrayContent([]);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }
        foreach (var (name, value) in options.Metadata)
            request.Headers.TryAddWithoutValidation("x-amz-meta-" + name, value);
    }

    async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        PayloadHash payload,
        CancellationToken cancellationToken
    )
    {
        var signer = _signer.Sign(request, payload);
        if (request.Content is AwsChunkedContent chunked)
            chunked.Signer = signer;
        // A refused upload should not be sent first.
        if (payload.IsChunked)
            request.Headers.ExpectContinue = true;
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            .ConfigureAwait(false);
    }

    async Task<Dictionary<string, string>> ReadXmlAsync(
        HttpRequestMessage request,
        string root,
        Action<string, Dictionary<string, string>> onRow,
        CancellationToken cancellationToken,
        PayloadHash? payload = null
    )
    {
        using var response = await SendAsync(request, payload ?? PayloadHash.Empty, cancellationToken)
            .ConfigureAwait(false);
        await RequireSuccessAsync(response, cancellationToken).ConfigureAwait(false);
        using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var (actual, fields) = await S3XmlReader
            .ReadAsync(body, null, MaxAnswerCharacters, onRow, cancellationToken)
            .ConfigureAwait(false);
        // CompleteMultipartUpload may answer 200 and an error document.
        if (actual == "Error")
            throw ErrorOf(response, fields);
        return actual == root
            ? fields
            : throw S3Errors.InternalError.With($"The server answered <{actual}> where <{root}> was expected.");
    }

    const int MaxAnswerCharacters = 64 * 1024 * 1024;

    static async Task RequireSuccessAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return;
        Dictionary<string, string> fields = [];
        try
        {
            using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            (_, fields) = await S3XmlReader
                .ReadAsync(body, "Error", 1024 * 1024, static (_, _) => { }, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (S3Exception)
        {
            // HEAD has no body, and a proxy's error page is not XML: the status has to do.
        }
        throw ErrorOf(response, fields);
    }

    static S3Exception ErrorOf(HttpResponseMessage response, Dictionary<string, string> fields)
    {
        var status = (int)response.StatusCode;
        var code = fields.GetValueOrDefault("Code") ?? response.StatusCode.ToString();
        var message = fields.GetValueOrDefault("Message") ?? $"The server answered {status}.";
        return new S3Exception(new S3Error(code, status, message)) { Details = [.. fields] };
    }

    static ObjectHead ReadHead(HttpResponseMessage response)
    {
        var content = response.Content.Headers;
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var checksums = new List<Checksum>();
        ChecksumType? type = null;
        foreach (var (name, values) in response.Headers)
        {
            var value = string.Join(',', values);
            if (name.StartsWith("x-amz-meta-", StringComparison.OrdinalIgnoreCase))
                metadata[name["x-amz-meta-".Length..]] = value;
            else if (ChecksumAlgorithms.TryParseHeader(name, out var algorithm))
                checksums.Add(new Checksum(algorithm, value));
            else if (name.Equals("x-amz-checksum-type", StringComparison.OrdinalIgnoreCase))
                type = value == "COMPOSITE" ? ChecksumType.Composite : ChecksumType.FullObject;
        }
        return new ObjectHead(
            ETag(response),
            content.ContentRange?.Length ?? content.ContentLength ?? 0,
            content.LastModified ?? DateTimeOffset.UnixEpoch,
            content.ContentType?.ToString()
        )
        {
            Checksums = checksums,
            ChecksumType = type,
            Metadata = metadata,
        };
    }

    static string ETag(HttpResponseMessage response) =>
        response.Headers.TryGetValues("ETag", out var values) ? string.Concat(values).Trim('"') : "";

    static string Decode(string text) => RequestTarget.Decode(text, plusIsBlank: true);

    static long Number(string text) => long.Parse(text, NumberStyles.Integer, CultureInfo.InvariantCulture);

    static DateTimeOffset Time(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
