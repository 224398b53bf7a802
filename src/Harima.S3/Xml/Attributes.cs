using System.Buffers;
using Harima.S3.Checksums;

namespace Harima.S3.Xml;

/// <summary>A part in <see cref="ObjectParts"/>.</summary>
/// <param name="PartNumber">1 to 10,000.</param>
/// <param name="SizeBytes">Its length.</param>
/// <param name="Checksum">Its checksum, when the upload had chosen an algorithm.</param>
public readonly record struct ObjectPart(int PartNumber, long SizeBytes, Checksum? Checksum);

/// <summary>A page of the parts a multipart object was made of.</summary>
/// <param name="PartsCount">How many there are altogether.</param>
/// <param name="Parts">This page, in order of their numbers.</param>
public sealed record ObjectParts(int PartsCount, IReadOnlyList<ObjectPart> Parts)
{
    /// <summary>The part asked to start behind.</summary>
    public int PartNumberMarker { get; init; }

    /// <summary>The last part of this page.</summary>
    public int NextPartNumberMarker { get; init; }

    /// <summary>The page size asked for.</summary>
    public required int MaxParts { get; init; }

    /// <summary>True when there is a next page.</summary>
    public bool IsTruncated { get; init; }
}

/// <summary>Answer of GetObjectAttributes; what was not asked for is null.</summary>
public sealed record GetObjectAttributesResponse : IS3Document
{
    /// <summary>The entity tag, without quotes.</summary>
    public string? ETag { get; init; }

    /// <summary>The object's checksum.</summary>
    public Checksum? Checksum { get; init; }

    /// <summary>How it relates to the parts'.</summary>
    public ChecksumType? ChecksumType { get; init; }

    /// <summary>The parts of a multipart object.</summary>
    public ObjectParts? ObjectParts { get; init; }

    /// <summary>Its storage class.</summary>
    public string? StorageClass { get; init; }

    /// <summary>Its length.</summary>
    public long? ObjectSizeBytes { get; init; }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("GetObjectAttributesResponse"u8);
        // The one place where S3 writes it without quotes.
        xml.Element("ETag"u8, ETag);
        if (Checksum is { } checksum)
        {
            xml.Start("Checksum"u8);
            xml.Checksums([checksum]);
            xml.Element("ChecksumType"u8, ChecksumType?.Name());
            xml.End("Checksum"u8);
        }
        if (ObjectParts is { } parts)
            Write(xml, parts);
        xml.Element("StorageClass"u8, StorageClass);
        if (ObjectSizeBytes is { } size)
            xml.Element("ObjectSize"u8, size);
        xml.End("GetObjectAttributesResponse"u8);
    }

    static void Write(S3XmlWriter xml, ObjectParts parts)
    {
        xml.Start("ObjectParts"u8);
        xml.Element("PartsCount"u8, parts.PartsCount);
        xml.Element("PartNumberMarker"u8, parts.PartNumberMarker);
        xml.Element("NextPartNumberMarker"u8, parts.NextPartNumberMarker);
        xml.Element("MaxParts"u8, parts.MaxParts);
        xml.Element("IsTruncated"u8, parts.IsTruncated);
        foreach (var part in parts.Parts)
        {
            xml.Start("Part"u8);
            xml.Element("PartNumber"u8, part.PartNumber);
            xml.Element("Size"u8, part.SizeBytes);
            if (part.Checksum is { } checksum)
                xml.Checksums([checksum]);
            xml.End("Part"u8);
        }
        xml.End("ObjectParts"u8);
    }
}
