using System.Buffers.Text;
using System.Text;
using Harima.S3.Errors;

namespace Harima.Gateway;

/// <summary>Continuation tokens: opaque to clients, the last name of the page to us.</summary>
static class PageToken
{
    public static string Encode(string last) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(last));

    /// <exception cref="S3Exception">InvalidArgument for a token that is not one.</exception>
    public static string Decode(string token)
    {
        // Try… throws all the same for a character that is none of the alphabet.
        var bytes = new byte[Base64Url.GetMaxDecodedLength(token.Length)];
        if (Base64Url.IsValid(token) && Base64Url.TryDecodeFromChars(token, bytes, out var length) && length > 0)
        {
            var last = Encoding.UTF8.GetString(bytes, 0, length);
            if (Encode(last) == token && !last.Contains('\0'))
                return last;
        }
        throw S3Errors.InvalidArgument.With("The continuation token provided is incorrect");
    }
}
