namespace Harima.Imaging;

/// <summary>The bytes of a file are not what its format asks for; the message says which and where.</summary>
public sealed class DamagedFileException : Exception
{
    /// <summary>A damage of a file of the given format.</summary>
    public DamagedFileException(string format, string message)
        : base($"Not a sound {format} file: {message}") => Format = format;

    /// <summary>A damage found while another fault was handled.</summary>
    public DamagedFileException(string format, string message, Exception inner)
        : base($"Not a sound {format} file: {message}", inner) => Format = format;

    /// <summary>Name of the format, such as CBF or TIFF.</summary>
    public string Format { get; }
}
