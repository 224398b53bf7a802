namespace Harima.Imaging.Formats.Headers;

/// <summary>What a field of a header is about; the names of one quantity in different formats come together here.</summary>
public enum Quantity
{
    /// <summary>A technique as the file names it: a NeXus definition such as NXmx, or XAFS for a spectrum with an edge.</summary>
    Technique,

    /// <summary>Title of the measurement.</summary>
    Title,

    /// <summary>Photon energy.</summary>
    Energy,

    /// <summary>Wavelength.</summary>
    Wavelength,

    /// <summary>Name of the detector.</summary>
    Detector,

    /// <summary>Exposure time of one frame.</summary>
    ExposureTime,

    /// <summary>From sample to detector.</summary>
    DetectorDistance,

    /// <summary>Side of a pixel.</summary>
    PixelSize,

    /// <summary>Where the beam meets the detector, along the fast axis.</summary>
    BeamCenterX,

    /// <summary>Where the beam meets the detector, along the slow axis.</summary>
    BeamCenterY,

    /// <summary>When the measurement began: ISO 8601, with offset only where the file has one.</summary>
    StartTime,

    /// <summary>When the measurement ended: ISO 8601, with offset only where the file has one.</summary>
    EndTime,

    /// <summary>Name of the sample.</summary>
    SampleName,

    /// <summary>Chemical formula of the sample.</summary>
    ChemicalFormula,

    /// <summary>How the sample was prepared.</summary>
    SamplePreparation,

    /// <summary>Temperature of the sample.</summary>
    Temperature,

    /// <summary>Name of the facility.</summary>
    Facility,

    /// <summary>Name of the beamline or instrument.</summary>
    Beamline,

    /// <summary>Symbol of the absorbing element.</summary>
    Element,

    /// <summary>Name of the absorption edge, such as K or L3.</summary>
    Edge,

    /// <summary>Crystal and net plane of the monochromator.</summary>
    MonochromatorCrystal,

    /// <summary>Lattice spacing of the monochromator.</summary>
    MonochromatorSpacing,

    /// <summary>Stored current of the ring.</summary>
    RingCurrent,

    /// <summary>First angle of the rotation.</summary>
    StartAngle,

    /// <summary>Rotation during one exposure.</summary>
    AngleIncrement,

    /// <summary>Columns of a frame, in pixels.</summary>
    Width,

    /// <summary>Rows of a frame, in pixels.</summary>
    Height,

    /// <summary>Frames in the file.</summary>
    Frames,
}

/// <summary>One fact that a file says about its measurement.</summary>
/// <param name="Path">Where it stands in the file: an HDF5 path, a key, a line.</param>
/// <param name="Text">As the file writes it; numbers in the shortest form that reads back the same.</param>
/// <param name="Number">Null for text.</param>
/// <param name="Unit">As the file writes it; null where it names none.</param>
public sealed record HeaderField(
    Quantity Quantity,
    string Path,
    string Text,
    double? Number = null,
    string? Unit = null
);

/// <summary>What was found in a file without reading its data.</summary>
/// <param name="Format">NeXus, HDF5, CBF, TIFF, EDF, XDI or text.</param>
public sealed record FileHeader(string Format, IReadOnlyList<HeaderField> Fields);
