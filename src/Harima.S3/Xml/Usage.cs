using System.Buffers;

namespace Harima.S3.Xml;

/// <summary>Ceph's answer to <c>GET /?usage</c>: what the caller's buckets hold, and what limits there are (-1: none).</summary>
/// <param name="MaxBuckets">How many buckets the caller may own.</param>
/// <param name="Objects">How many objects they hold.</param>
/// <param name="SizeBytes">How many bytes.</param>
/// <remarks>Source: Ceph Object Gateway, "Get Usage Stats".</remarks>
public sealed record Usage(long MaxBuckets, long Objects, long SizeBytes) : IS3Document
{
    const long NoLimit = -1;

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.Declaration();
        xml.Start("Usage"u8);
        xml.Start("Summary"u8);
        xml.Element("QuotaMaxBytes"u8, NoLimit);
        xml.Element("QuotaMaxBuckets"u8, MaxBuckets);
        xml.Element("QuotaMaxObjCount"u8, NoLimit);
        xml.Element("QuotaMaxBytesPerBucket"u8, NoLimit);
        xml.Element("QuotaMaxObjCountPerBucket"u8, NoLimit);
        xml.Element("TotalBytes"u8, SizeBytes);
        xml.Element("TotalEntries"u8, Objects);
        xml.End("Summary"u8);
        xml.End("Usage"u8);
    }
}
