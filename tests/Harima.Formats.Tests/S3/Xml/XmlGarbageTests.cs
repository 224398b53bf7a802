using System.Text;
using CsCheck;
using Harima.S3.Errors;
using Harima.S3.Xml;

namespace Harima.Formats.S3.Xml;

/// <summary>Whatever document arrives is read or refused in S3's words; nothing else is ever thrown.</summary>
public class XmlGarbageTests
{
    static readonly string[] Tokens =
    [
        "<Delete>",
        "</Delete>",
        "<CompleteMultipartUpload>",
        "</CompleteMultipartUpload>",
        "<Object>",
        "</Object>",
        "<Key>",
        "</Key>",
        "<Key/>",
        "<Part>",
        "</Part>",
        "<PartNumber>",
        "</PartNumber>",
        "<ETag>",
        "</ETag>",
        "<ChecksumCRC32>",
        "</ChecksumCRC32>",
        "<Quiet>true</Quiet>",
        "<VersionId>",
        "</VersionId>",
        "<a xmlns=\"b\">",
        "<p:q xmlns:p=\"r\"/>",
        "<!-- -->",
        "<?pi?>",
        "<?xml version=\"1.0\"?>",
        "<![CDATA[",
        "]]>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]>",
        "&b;",
        "&amp;",
        "&#0;",
        "&#x1F600;",
        "&#xD800;",
        "&",
        "<",
        ">",
        "1",
        "-1",
        "99999999999999999999",
        "y/Q5Jg==",
        "é",
        "\0",
        " ",
        "\n",
    ];

    static readonly Gen<byte[]> Documents = Gen.Select(
        Gen.Int[0, Tokens.Length - 1].Select(i => Tokens[i]).Array[0, 30].Select(string.Concat),
        Gen.Int[0, 4],
        (text, wrapped) =>
            wrapped switch
            {
                0 => Encoding.UTF8.GetBytes(text),
                1 => Encoding.UTF8.GetBytes($"<Delete><Object>{text}</Object></Delete>"),
                2 => Encoding.UTF8.GetBytes($"<CompleteMultipartUpload><Part>{text}</Part></CompleteMultipartUpload>"),
                3 => Encoding.Latin1.GetBytes(text),
                _ => Encoding.Unicode.GetBytes($"<Delete>{text}</Delete>"),
            }
    );

    static async Task<bool> IsReadOrRefusedAsync(Func<Task> read)
    {
        try
        {
            await read();
            return true;
        }
        catch (S3Exception refusal)
        {
            return refusal.Status is >= 400 and < 500;
        }
    }

    [Fact]
    public Task Any_document_is_read_or_refused() =>
        Documents.SampleAsync(
            async bytes =>
                await IsReadOrRefusedAsync(() => Delete.ReadAsync(new MemoryStream(bytes), CancellationToken.None))
                && await IsReadOrRefusedAsync(() =>
                    CompleteMultipartUpload.ReadAsync(new MemoryStream(bytes), CancellationToken.None)
                ),
            iter: 20_000
        );

    [Fact]
    public Task Any_bytes_are_read_or_refused() =>
        Gen
            .Byte.Array[0, 200]
            .SampleAsync(
                bytes => IsReadOrRefusedAsync(() => Delete.ReadAsync(new MemoryStream(bytes), CancellationToken.None)),
                iter: 20_000
            );

    [Theory]
    [InlineData("<Delete><Object><Key>")]
    [InlineData("<Delete a=\"")]
    [InlineData("<Delete><!--")]
    [InlineData("<Delete>")]
    [InlineData("<Delete><")]
    public async Task A_document_without_end_is_given_up_after_its_limit(string beginning)
    {
        using var endless = new EndlessStream(Encoding.UTF8.GetBytes(beginning));

        var refusal = await Assert.ThrowsAsync<S3Exception>(() =>
            Delete.ReadAsync(endless, TestContext.Current.CancellationToken)
        );

        Assert.Equal("MalformedXML", refusal.Code);
        Assert.True(endless.Given < 10 << 20, $"{endless.Given} bytes were read");
    }

    /// <summary>Says how it begins, then the letter a for ever.</summary>
    sealed class EndlessStream(byte[] beginning) : Stream
    {
        public long Given { get; private set; }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => Given;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            for (var n = 0; n < count; n++, Given++)
                buffer[offset + n] = Given < beginning.Length ? beginning[Given] : (byte)'a';
            return count;
        }

        public override Task<int> ReadAsync(
            byte[] buffer,
            int offset,
            int count,
            CancellationToken cancellationToken
        ) => Task.FromResult(Read(buffer, offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var rented = new byte[buffer.Length];
            var read = Read(rented, 0, rented.Length);
            rented.CopyTo(buffer);
            return ValueTask.FromResult(read);
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
