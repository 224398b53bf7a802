using System.Globalization;
using System.Security.Cryptography;
using Harima.S3.Checksums;
using Harima.S3.Errors;
using Harima.S3.Signing;
using Harima.S3.Streaming;
using Harima.Storage;

namespace Harima.Gateway;

/// <summary>The body of a request: decoded, with all that the client and its signature say about it.</summary>
sealed class S3Body : IAsyncDisposable
{
    readonly AwsChunkedReader? _chunks;

    S3Body(Stream stream, AwsChunkedReader? chunks, BodyExpectation expectation)
    {
        Stream = stream;
        _chunks = chunks;
        Expectation = expectation;
    }

    /// <summary>The bytes as the client meant them.</summary>
    public Stream Stream { get; }

    /// <summary>What they must be.</summary>
    public BodyExpectation Expectation { get; }

    /// <summary>Reads what the headers say; not one byte of the body.</summary>
    /// <exception cref="S3Exception">MissingContentLength (of signed chunks), InvalidDigest, BadDigest, InvalidRequest.</exception>
    public static S3Body Open(S3Request request) => Open(request, checksumIsOfBody: true);

    static S3Body Open(S3Request request, bool checksumIsOfBody)
    {
        var payload = request.Signature?.Payload ?? AnonymousPayload(request);
        var chunks = payload.IsChunked ? Decode(request, payload) : null;
        var (algorithm, checksum) = checksumIsOfBody ? ReadChecksum(request, payload, chunks) : (null, null);
        return new S3Body(
            chunks ?? request.Http.Request.Body,
            chunks,
            new BodyExpectation
            {
                LengthBytes = chunks?.Length ?? ContentLength(request),
                Md5 = ReadMd5(request.Header("content-md5")),
                Sha256Hex = payload.Kind == PayloadKind.Sha256 ? payload.Value.ToLowerInvariant() : null,
                Algorithm = algorithm,
                Checksum = checksum,
            }
        );
    }

    /// <summary>Reads a small document and checks it against all that was said about it before anybody acts on it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="readAsync">Reads the document.</param>
    /// <param name="checksumIsOfBody">False where a checksum header speaks of something else.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<T> ReadDocumentAsync<T>(
        S3Request request,
        Func<Stream, CancellationToken, Task<T>> readAsync,
        bool checksumIsOfBody,
        CancellationToken cancellationToken
    )
    {
        await using var body = Open(request, checksumIsOfBody);
        var expected = body.Expectation;
        ChecksumAlgorithm[] algorithms =
        [
            ChecksumAlgorithm.Sha256,
            .. expected.Algorithm is { } chosen ? [chosen] : Array.Empty<ChecksumAlgorithm>(),
        ];
        using var sums = new ChecksumAccumulator(algorithms, md5: true);
        await using var tap = new ChecksumTap(body.Stream, sums);
        var document = await readAsync(tap, cancellationToken);
        await tap.CopyToAsync(Stream.Null, cancellationToken);

        if (expected.Md5 is { } md5 && !CryptographicOperations.FixedTimeEquals(md5, sums.GetMd5()))
            throw S3Errors.BadDigest.Exception();
        if (expected.Sha256Hex is { } sha256 && sha256 != sums.FindSha256Hex())
            throw S3Errors.XAmzContentSHA256Mismatch.Exception();
        if (expected.Checksum?.Invoke() is { } checksum && sums.Find(checksum.Algorithm) != checksum)
            throw S3Errors.BadDigest.Exception();
        return document;
    }

    public ValueTask DisposeAsync() => _chunks?.DisposeAsync() ?? ValueTask.CompletedTask;

    // Without a signature the header still says how the body is framed.
    static PayloadHash AnonymousPayload(S3Request request)
    {
        var payload = request.Header("x-amz-content-sha256") is { } value
            ? PayloadHash.Parse(value)
            : PayloadHash.UnsignedPayload;
        return payload.HasSignedChunks
            ? throw S3Errors.InvalidRequest.With("Signed chunks need a signed request.")
            : payload;
    }

    static AwsChunkedReader Decode(S3Request request, PayloadHash payload)
    {
        if (
            !long.TryParse(
                request.Header("x-amz-decoded-content-length"),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var length
            )
        )
        {
            throw S3Errors.MissingContentLength.With("x-amz-decoded-content-length is missing or not a number.");
        }
        return new AwsChunkedReader(
            request.Http.Request.Body,
            length,
            payload.HasSignedChunks ? request.Signature!.Chunks : null,
            payload.HasTrailer
        );
    }

    // Null for a body in HTTP's own chunks (`curl -T -`): how long it is shows at its end, and a broken-off one is noticed.
    static long? ContentLength(S3Request request) =>
        request.Http.Request.ContentLength ?? (request.Header("transfer-encoding") is null ? 0 : null);

    /// <exception cref="S3Exception">InvalidDigest.</exception>
    public static byte[]? ReadMd5(string? header)
    {
        if (header is null)
            return null;
        var md5 = new byte[16];
        return Convert.TryFromBase64String(header, md5, out var length) && length == md5.Length
            ? md5
            : throw S3Errors.InvalidDigest.With("The Content-MD5 you specified was invalid.");
    }

    // Only headers count: presigned URLs of @aws-sdk/client-s3 carry the checksum of an empty body in their query.
    static (ChecksumAlgorithm? Algorithm, Func<Checksum?>? Checksum) ReadChecksum(
        S3Request request,
        PayloadHash payload,
        AwsChunkedReader? chunks
    )
    {
        Checksum? stated = null;
        foreach (var algorithm in ChecksumAlgorithms.All)
        {
            if (request.Header(algorithm.Header()) is not { } value)
                continue;
            if (stated is not null)
                throw S3Errors.InvalidRequest.With("Expecting a single x-amz-checksum- header");
            stated = Checksum.Parse(algorithm, value);
        }
        if (stated is { } checksum)
            return (checksum.Algorithm, () => checksum);

        if (payload.HasTrailer && request.Header("x-amz-trailer") is { Length: > 0 } trailer)
        {
            if (!ChecksumAlgorithms.TryParseHeader(trailer.Trim(), out var announced))
            {
                throw S3Errors.InvalidRequest.With(
                    $"The value specified in the x-amz-trailer header is not supported: {trailer}"
                );
            }
            return (announced, () => ReadTrailer(chunks!, announced));
        }

        var wanted = request.Header("x-amz-sdk-checksum-algorithm");
        return ChecksumAlgorithms.TryParse(wanted, out var computed) ? (computed, null) : (null, null);
    }

    static Checksum? ReadTrailer(AwsChunkedReader chunks, ChecksumAlgorithm algorithm) =>
        chunks.Trailers.TryGetValue(algorithm.Header(), out var value)
            ? Checksum.Parse(algorithm, value)
            : throw S3Errors.MalformedTrailerError.Exception();
}
