using System.Text;
using Harima.S3.Errors;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Harima.Gateway;

/// <summary>
/// An upload form of a browser, read as it comes: small fields first, then the file, whose bytes stay on the wire until
/// somebody stores them. What follows the file is ignored, as S3 does.
/// </summary>
sealed class PostForm
{
    // S3's limit for everything before the file.
    const int MaxFieldsBytes = 20 * 1024;
    const int MaxFields = 100;
    const int MaxBoundaryBytes = 100;

    PostForm(Dictionary<string, string> fields, MultipartSection file)
    {
        Fields = fields;
        _file = file;
    }

    readonly MultipartSection _file;

    /// <summary>Fields by name, whatever its case; of several with one name the first counts.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; }

    public string? Find(string name) => Fields.GetValueOrDefault(name);

    /// <summary>The file's bytes, refused when they are fewer or more than a policy allows.</summary>
    public Stream OpenFile(long minBytes, long maxBytes) => new FormFile(_file.Body, minBytes, maxBytes);

    /// <exception cref="S3Exception">PreconditionFailed, MalformedPOSTRequest, MaxPostPreDataLengthExceeded, InvalidArgument.</exception>
    public static async Task<PostForm> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var reader = new MultipartReader(BoundaryOf(request.ContentType), request.Body)
        {
            HeadersCountLimit = 16,
            HeadersLengthLimit = MaxFieldsBytes,
        };
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var bytes = 0;
        try
        {
            for (var count = 0; count < MaxFields; count++)
            {
                if (await reader.ReadNextSectionAsync(cancellationToken) is not { } section)
                    throw S3Errors.InvalidArgument.With("POST requires exactly one file upload per request.");
                var (name, fileName) = NameOf(section);
                if (name.Equals("file", StringComparison.OrdinalIgnoreCase))
                    return new PostForm(WithFileName(fields, fileName ?? ""), section);
                var value = await ReadFieldAsync(section.Body, MaxFieldsBytes - bytes, cancellationToken);
                bytes += name.Length + Encoding.UTF8.GetByteCount(value);
                fields.TryAdd(name, value);
            }
        }
        catch (Exception exception)
            when (exception is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw new S3Exception(S3Errors.MalformedPOSTRequest, S3Errors.MalformedPOSTRequest.Message, exception);
        }
        throw S3Errors.MaxPostPreDataLengthExceeded.Exception();
    }

    static string BoundaryOf(string? contentType)
    {
        if (
            !MediaTypeHeaderValue.TryParse(contentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        )
        {
            throw new S3Exception(
                S3Errors.PreconditionFailed,
                "At least one of the preconditions that you specified did not hold."
            )
            {
                Details = [new("Condition", "Bucket POST must be of the enclosure-type multipart/form-data")],
            };
        }
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is > 0 and <= MaxBoundaryBytes
            ? boundary
            : throw S3Errors.MalformedPOSTRequest.Exception();
    }

    static (string Name, string? FileName) NameOf(MultipartSection section)
    {
        if (
            !ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
            || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(disposition.Name) is not { Length: > 0 } name
        )
            throw S3Errors.MalformedPOSTRequest.Exception();
        var fileName = disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName;
        return (name.ToString(), fileName.HasValue ? HeaderUtilities.RemoveQuotes(fileName).ToString() : null);
    }

    static async Task<string> ReadFieldAsync(Stream body, int maxBytes, CancellationToken cancellationToken)
    {
        // One byte more than allowed shows that there is too much.
        var buffer = new byte[Math.Max(maxBytes, 0) + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length == buffer.Length
            ? throw S3Errors.MaxPostPreDataLengthExceeded.Exception()
            : Encoding.UTF8.GetString(buffer, 0, length);
    }

    // Some browsers send the whole path of the file: its last part is its name.
    static Dictionary<string, string> WithFileName(Dictionary<string, string> fields, string fileName)
    {
        var name = fileName[(fileName.LastIndexOfAny(['/', '\\']) + 1)..];
        foreach (var (field, value) in fields.ToArray())
        {
            if (field.ToLowerInvariant() is not ("policy" or "signature" or "x-amz-signature"))
                fields[field] = value.Replace("${filename}", name, StringComparison.Ordinal);
        }
        return fields;
    }

    /// <summary>Counts the file's bytes while they pass, and says in S3's words what is wrong with them.</summary>
    sealed class FormFile(Stream inner, long minBytes, long maxBytes) : Stream
    {
        long _read;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            if (buffer.IsEmpty)
                return 0;
            int length;
            try
            {
                length = await inner.ReadAsync(buffer, cancellationToken);
            }
            catch (IOException exception) when (exception is not BadHttpRequestException)
            {
                // The body ended before the boundary that closes the file.
                throw new S3Exception(S3Errors.IncompleteBody, S3Errors.IncompleteBody.Message, exception);
            }
            catch (InvalidDataException exception)
            {
                // What follows the file begins like the boundary and goes on as something else.
                throw new S3Exception(S3Errors.MalformedPOSTRequest, S3Errors.MalformedPOSTRequest.Message, exception);
            }
            _read += length;
            if (_read > maxBytes)
                throw OutOfBounds(S3Errors.EntityTooLarge, "MaxSizeAllowed", maxBytes);
            if (length == 0 && _read < minBytes)
                throw OutOfBounds(S3Errors.EntityTooSmall, "MinSizeAllowed", minBytes);
            return length;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        S3Exception OutOfBounds(S3Error error, string bound, long bytes) =>
            new(error)
            {
                Details =
                [
                    new("ProposedSize", FormattableString.Invariant($"{_read}")),
                    new(bound, FormattableString.Invariant($"{bytes}")),
                ],
            };
    }
}
