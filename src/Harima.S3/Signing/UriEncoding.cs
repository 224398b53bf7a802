using System.Buffers;
using System.Text;

namespace Harima.S3.Signing;

/// <summary>AWS's URI encoding: everything but letters, digits and <c>-._~</c> becomes <c>%XX</c>, upper case.</summary>
public static class UriEncoding
{
    static readonly SearchValues<char> Unreserved = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    );

    /// <summary>Encodes a decoded text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="keepSlash">True for paths and keys: <c>/</c> stays.</param>
    public static string Encode(string text, bool keepSlash = false)
    {
        if (!text.AsSpan().ContainsAnyExcept(Unreserved))
            return text;
        var encoded = new StringBuilder(text.Length + 16);
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (Unreserved.Contains((char)value) || (keepSlash && value == '/'))
                encoded.Append((char)value);
            else
                encoded.Append('%').Append(HexDigit(value >> 4)).Append(HexDigit(value & 15));
        }
        return encoded.ToString();
    }

    /// <summary>
    /// Brings what a client sent into the one form both sides sign, whatever it chose to encode: decodes and encodes in
    /// one pass.
    /// </summary>
    internal static void AppendCanonical(
        ref ByteBuffer target,
        ReadOnlySpan<char> raw,
        bool keepSlash,
        bool plusIsBlank
    )
    {
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '%' && TryReadHex(raw[i..], out var value))
            {
                AppendEncoded(ref target, value, keepSlash);
                i += 2;
            }
            else if (raw[i] == '+' && plusIsBlank)
            {
                AppendEncoded(ref target, (byte)' ', keepSlash);
            }
            else if (raw[i] < 0x80)
            {
                AppendEncoded(ref target, (byte)raw[i], keepSlash);
            }
            else
            {
                Rune.DecodeFromUtf16(raw[i..], out var rune, out var chars);
                foreach (var octet in utf8[..rune.EncodeToUtf8(utf8)])
                    AppendEncoded(ref target, octet, keepSlash);
                i += chars - 1;
            }
        }
    }

    internal static bool TryReadHex(ReadOnlySpan<char> percent, out byte value)
    {
        value = 0;
        if (percent.Length < 3 || !char.IsAsciiHexDigit(percent[1]) || !char.IsAsciiHexDigit(percent[2]))
            return false;
        value = (byte)((FromHex(percent[1]) << 4) | FromHex(percent[2]));
        return true;
    }

    static void AppendEncoded(ref ByteBuffer target, byte value, bool keepSlash)
    {
        if (Unreserved.Contains((char)value) || (keepSlash && value == '/'))
        {
            target.Append(value);
            return;
        }
        target.Append((byte)'%');
        target.Append((byte)HexDigit(value >> 4));
        target.Append((byte)HexDigit(value & 15));
    }

    static int FromHex(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;

    static char HexDigit(int value) => (char)(value < 10 ? '0' + value : 'A' + value - 10);
}
