using System.Text;
using Harima.S3.Errors;
using Harima.S3.Signing;
using Harima.S3.Xml;
using Harima.Storage;

namespace Harima.Gateway;

/// <summary>Tags that come with a write: in the header <c>x-amz-tagging</c> as a query, in a form as a document.</summary>
static class ObjectTags
{
    /// <summary>Reads the field of a form.</summary>
    /// <returns>Null where it is not there.</returns>
    public static async Task<IReadOnlyList<FileTag>?> ReadAsync(string? field, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(field))
            return null;
        using var document = new MemoryStream(Encoding.UTF8.GetBytes(field));
        return Of(await Tagging.ReadAsync(document, cancellationToken));
    }

    public static IReadOnlyList<FileTag> Of(Tagging document) =>
        [.. document.Tags.Select(tag => new FileTag(tag.Key, tag.Value))];

    /// <returns>Null where the header is not there.</returns>
    public static IReadOnlyList<FileTag>? Read(S3Request request)
    {
        if (request.Header("x-amz-tagging") is not { } header)
            return null;
        try
        {
            return
            [
                .. header
                    .Split('&', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                    .Select(pair => pair.Split('=', 2))
                    .Select(pair => new FileTag(
                        RequestTarget.Decode(pair[0], plusIsBlank: true),
                        pair.Length == 1 ? "" : RequestTarget.Decode(pair[1], plusIsBlank: true)
                    )),
            ];
        }
        catch (S3Exception)
        {
            throw S3Errors.InvalidArgument.With(
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates."
            );
        }
    }
}
