using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Harima.S3.Checksums;
using Harima.S3.Signing;
using Harima.S3.Xml;

namespace Harima.S3.Client;

public sealed partial class S3Client
{
    /// <summary>CreateMultipartUpload; returns the upload id.</summary>
    public async Task<string> CreateMultipartUploadAsync(
        string bucket,
        string key,
        ObjectOptions? options,
        CancellationToken cancellationToken
    )
    {
        using var request = Request(HttpMethod.Post, bucket, key, ("uploads", ""));
        Describe(request, options);
        if (Integrity == UploadIntegrity.Trailer)
            request.Headers.TryAddWithoutValidation("x-amz-checksum-algorithm", UploadChecksum.Name());
        var fields = await ReadXmlAsync(
                request,
                "InitiateMultipartUploadResult",
                static (_, _) => { },
                cancellationToken
            )
            .ConfigureAwait(false);
        return fields["UploadId"];
    }

    /// <summary>UploadPart with a checksum behind the body.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="uploadId">The upload.</param>
    /// <param name="partNumber">1 to 10,000.</param>
    /// <param name="content">The bytes; read once, not disposed.</param>
    /// <param name="lengthBytes">How many bytes to send.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<UploadedPart> UploadPartAsync(
        string bucket,
        string key,
        string uploadId,
        int partNumber,
        Stream content,
        long lengthBytes,
        CancellationToken cancellationToken
    )
    {
        var number = partNumber.ToString(CultureInfo.InvariantCulture);
        using var request = Request(HttpMethod.Put, bucket, key, ("partNumber", number), ("uploadId", uploadId));
        using var body = Chunked(content, lengthBytes);
        request.Content = body;
        using var response = await SendAsync(request, body.Payload, cancellationToken).ConfigureAwait(false);
        await RequireSuccessAsync(response, cancellationToken).ConfigureAwait(false);
        return new UploadedPart(partNumber, ETag(response), body.Checksum);
    }

    /// <summary>UploadPart of bytes that are in memory, verified by their SHA-256; may be sent again as it is.</summary>
    public async Task<UploadedPart> UploadPartBytesAsync(
        string bucket,
        string key,
        string uploadId,
        int partNumber,
        ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken
    )
    {
        var number = partNumber.ToString(CultureInfo.InvariantCulture);
        using var request = Request(HttpMethod.Put, bucket, key, ("partNumber", number), ("uploadId", uploadId));
        request.Content = new ReadOnlyMemoryContent(bytes);
        using var response = await SendAsync(request, PayloadHash.Of(bytes.Span), cancellationToken)
            .ConfigureAwait(false);
        await RequireSuccessAsync(response, cancellationToken).ConfigureAwait(false);
        return new UploadedPart(partNumber, ETag(response), null);
    }

    /// <summary>UploadPartCopy within the server.</summary>
    /// <param name="bucket">The bucket of both.</param>
    /// <param name="key">The key.</param>
    /// <param name="uploadId">The upload.</param>
    /// <param name="partNumber">1 to 10,000.</param>
    /// <param name="sourceKey">What to copy from.</param>
    /// <param name="start">First byte.</param>
    /// <param name="end">Last byte.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<UploadedPart> UploadPartCopyAsync(
        string bucket,
        string key,
        string uploadId,
        int partNumber,
        string sourceKey,
        long start,
        long end,
        CancellationToken cancellationToken
    )
    {
        var number = partNumber.ToString(CultureInfo.InvariantCulture);
        using var request = Request(HttpMethod.Put, bucket, key, ("partNumber", number), ("uploadId", uploadId));
        request.Headers.TryAddWithoutValidation("x-amz-copy-source", SourceOf(bucket, sourceKey));
        request.Headers.TryAddWithoutValidation(
            "x-amz-copy-source-range",
            string.Create(CultureInfo.InvariantCulture, $"bytes={start}-{end}")
        );
        var fields = await ReadXmlAsync(request, "CopyPartResult", static (_, _) => { }, cancellationToken)
            .ConfigureAwait(false);
        return new UploadedPart(partNumber, fields["ETag"].Trim('"'), null);
    }

    /// <summary>CompleteMultipartUpload; the parts in order of their numbers.</summary>
    public async Task<WrittenObject> CompleteMultipartUploadAsync(
        string bucket,
        string key,
        string uploadId,
        IReadOnlyCollection<UploadedPart> parts,
        CancellationToken cancellationToken
    )
    {
        var xml = new StringBuilder("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
        foreach (var part in parts)
        {
            xml.Append(CultureInfo.InvariantCulture, $"<Part><PartNumber>{part.PartNumber}</PartNumber>");
            xml.Append(CultureInfo.InvariantCulture, $"<ETag>\"{part.ETag}\"</ETag>");
            if (part.Checksum is { } checksum)
            {
                var element = checksum.Algorithm.Element();
                xml.Append(CultureInfo.InvariantCulture, $"<{element}>{checksum.Value}</{element}>");
            }
            xml.Append("</Part>");
        }
        xml.Append("</CompleteMultipartUpload>");
        var body = Encoding.UTF8.GetBytes(xml.ToString());

        using var request = Request(HttpMethod.Post, bucket, key, ("uploadId", uploadId));
        request.Content = new ByteArrayContent(body);
        var payload = new PayloadHash(PayloadKind.Sha256, Convert.ToHexStringLower(SHA256.HashData(body)));
        var fields = await ReadXmlAsync(
                request,
                "CompleteMultipartUploadResult",
                static (_, _) => { },
                cancellationToken,
                payload
            )
            .ConfigureAwait(false);
        Checksum? whole = fields.TryGetValue(UploadChecksum.Element(), out var value)
            ? new Checksum(UploadChecksum, value)
            : null;
        return new WrittenObject(fields["ETag"].Trim('"'), whole);
    }

    /// <summary>AbortMultipartUpload.</summary>
    public async Task AbortMultipartUploadAsync(
        string bucket,
        string key,
        string uploadId,
        CancellationToken cancellationToken
    )
    {
        using var request = Request(HttpMethod.Delete, bucket, key, ("uploadId", uploadId));
        using var response = await SendAsync(request, PayloadHash.Empty, cancellationToken).ConfigureAwait(false);
        await RequireSuccessAsync(response, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>ListParts: every part that is in place, page by page.</summary>
    public async IAsyncEnumerable<PartEntry> ListPartsAsync(
        string bucket,
        string key,
        string uploadId,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        string? marker = null;
        do
        {
            using var request = Request(
                HttpMethod.Get,
                bucket,
                key,
                ("uploadId", uploadId),
                ("part-number-marker", marker)
            );
            var parts = new List<PartEntry>();
            var fields = await ReadXmlAsync(
                    request,
                    "ListPartsResult",
                    (name, row) =>
                    {
                        if (name == "Part")
                            parts.Add(ReadPart(row));
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
            foreach (var part in parts)
                yield return part;
            marker = fields.GetValueOrDefault("IsTruncated") == "true" ? fields["NextPartNumberMarker"] : null;
        } while (marker is not null);
    }

    /// <summary>ListMultipartUploads: every unfinished upload under a prefix, page by page.</summary>
    public async IAsyncEnumerable<UploadEntry> ListMultipartUploadsAsync(
        string bucket,
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        string? keyMarker = null;
        string? uploadMarker = null;
        do
        {
            using var request = Request(
                HttpMethod.Get,
                bucket,
                null,
                ("uploads", ""),
                ("encoding-type", "url"),
                ("prefix", prefix),
                ("key-marker", keyMarker),
                ("upload-id-marker", uploadMarker)
            );
            var uploads = new List<UploadEntry>();
            var fields = await ReadXmlAsync(
                    request,
                    "ListMultipartUploadsResult",
                    (name, row) =>
                    {
                        if (name == "Upload")
                            uploads.Add(new UploadEntry(Decode(row["Key"]), row["UploadId"], Time(row["Initiated"])));
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
            foreach (var upload in uploads)
                yield return upload;
            var truncated = fields.GetValueOrDefault("IsTruncated") == "true";
            keyMarker = truncated ? Decode(fields["NextKeyMarker"]) : null;
            uploadMarker = truncated ? fields["NextUploadIdMarker"] : null;
        } while (keyMarker is not null);
    }

    static PartEntry ReadPart(Dictionary<string, string> row)
    {
        var checksums = new List<Checksum>();
        foreach (var algorithm in ChecksumAlgorithms.All)
        {
            if (row.TryGetValue(algorithm.Element(), out var value))
                checksums.Add(new Checksum(algorithm, value));
        }
        return new PartEntry(
            (int)Number(row["PartNumber"]),
            Time(row["LastModified"]),
            row["ETag"].Trim('"'),
            Number(row["Size"])
        )
        {
            Checksums = checksums,
        };
    }
}
