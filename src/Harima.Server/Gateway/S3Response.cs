using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Harima.S3.Checksums;
using Harima.S3.Xml;
using Harima.Storage;

namespace Harima.Gateway;

/// <summary>Writes answers.</summary>
static class S3Response
{
    const string DefaultContentType = "binary/octet-stream";

    /// <summary>Writes a document whose size is small, with its length.</summary>
    public static async Task WriteAsync(
        this HttpResponse response,
        IS3Document document,
        CancellationToken cancellationToken
    )
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        document.WriteTo(buffer);
        response.ContentType = "application/xml";
        response.ContentLength = buffer.WrittenCount;
        await response.Body.WriteAsync(buffer.WrittenMemory, cancellationToken);
    }

    /// <summary>Writes a document that may be large straight into the connection's buffers.</summary>
    public static async Task WriteListingAsync(
        this HttpResponse response,
        IS3Document document,
        CancellationToken cancellationToken
    )
    {
        response.ContentType = "application/xml";
        await response.StartAsync(cancellationToken);
        var blocks = new Blocks(response.BodyWriter);
        document.WriteTo(blocks);
        blocks.Complete();
        await response.BodyWriter.FlushAsync(cancellationToken);
    }

    public static void SetETag(this HttpResponse response, string etag) => response.Headers.ETag = $"\"{etag}\"";

    /// <summary>Says which version this is, where the bucket keeps versions or did once.</summary>
    public static void SetVersion(this HttpResponse response, DataFile file)
    {
        if (file.IsVersioned)
            response.Headers["x-amz-version-id"] = file.Version;
    }

    /// <summary>Says which version was written; the one without an id has nothing to say.</summary>
    public static void SetNewVersion(this HttpResponse response, DataFile file)
    {
        if (file.Version != DataFile.NullVersion)
            response.Headers["x-amz-version-id"] = file.Version;
    }

    /// <summary>Sets what HEAD and GET say about a file, apart from its length.</summary>
    public static void Describe(this HttpResponse response, DataFile file)
    {
        response.SetETag(file.ETag);
        response.Headers.LastModified = file.ModifiedAt.ToString("r", CultureInfo.InvariantCulture);
        response.Headers.AcceptRanges = "bytes";
        response.Headers.ContentType = file.ContentType ?? DefaultContentType;
        foreach (var (name, value) in file.ReadHeaders())
            response.Headers[name] = value;
        if (file.Tags is not null)
            response.Headers["x-amz-tagging-count"] = file.ReadTags().Count.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// States the checksums. S3 has one type for all of them, so a composite one stands alone.
    /// </summary>
    public static void SetChecksums(this HttpResponse response, DataFile file)
    {
        var known = file.ReadChecksums();
        if (known.Count == 0)
            return;
        var type = known[0].Type;
        foreach (var (checksum, ofType) in known)
        {
            if (ofType == type)
                response.Headers[checksum.Algorithm.Header()] = checksum.Value;
            if (type == ChecksumType.Composite)
                break;
        }
        response.Headers["x-amz-checksum-type"] = type.Name();
    }

    /// <summary>Text as header bytes: headers are written as Latin-1, clients expect UTF-8.</summary>
    public static string ToHeader(string text) =>
        Ascii.IsValid(text) ? text : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>
    /// Hands a document's thousands of small writes on in blocks: the server takes a lock for each it is told of, which took longer
    /// than writing a page.
    /// </summary>
    sealed class Blocks(PipeWriter output) : IBufferWriter<byte>
    {
        const int BlockBytes = 32 << 10;

        Memory<byte> _block;
        int _written;

        public void Advance(int count) => _written += count;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (_block.Length - _written < Math.Max(sizeHint, 1))
            {
                Complete();
                _block = output.GetMemory(Math.Max(sizeHint, BlockBytes));
            }
            return _block[_written..];
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public void Complete()
        {
            if (_written > 0)
                output.Advance(_written);
            (_block, _written) = (default, 0);
        }
    }
}
