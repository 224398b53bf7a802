using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Harima.Identity;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace Harima.Hosting;

/// <summary>
/// Encrypts the keys that login cookies are made with under the facility's master key (AES-256-GCM), so that a copy of the key
/// folder without that file, such as a backup, lets nobody in. Keys written before this, in the clear, stay readable.
/// </summary>
sealed class MasterKeyXmlEncryptor(MasterKey master) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var text = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        // Layout: nonce (12 bytes), tag (16 bytes), ciphertext.
        var sealedBytes = new byte[MasterKeyXml.NonceBytes + MasterKeyXml.TagBytes + text.Length];
        var nonce = sealedBytes.AsSpan(0, MasterKeyXml.NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = MasterKeyXml.CipherOf(master);
        aes.Encrypt(
            nonce,
            text,
            sealedBytes.AsSpan(MasterKeyXml.NonceBytes + MasterKeyXml.TagBytes),
            sealedBytes.AsSpan(MasterKeyXml.NonceBytes, MasterKeyXml.TagBytes)
        );
        CryptographicOperations.ZeroMemory(text);
        return new EncryptedXmlInfo(
            new XElement("masterKeyEncrypted", Convert.ToBase64String(sealedBytes)),
            typeof(MasterKeyXmlDecryptor)
        );
    }
}

/// <summary>Made by the framework, which finds this type's name in the key's file.</summary>
sealed class MasterKeyXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var sealedBytes = Convert.FromBase64String(encryptedElement.Value);
        var text = new byte[sealedBytes.Length - MasterKeyXml.NonceBytes - MasterKeyXml.TagBytes];
        using var aes = MasterKeyXml.CipherOf(services.GetRequiredService<MasterKey>());
        aes.Decrypt(
            sealedBytes.AsSpan(0, MasterKeyXml.NonceBytes),
            sealedBytes.AsSpan(MasterKeyXml.NonceBytes + MasterKeyXml.TagBytes),
            sealedBytes.AsSpan(MasterKeyXml.NonceBytes, MasterKeyXml.TagBytes),
            text
        );
        return XElement.Parse(Encoding.UTF8.GetString(text));
    }
}

static class MasterKeyXml
{
    public const int NonceBytes = 12;
    public const int TagBytes = 16;

    public static AesGcm CipherOf(MasterKey master) => new(master.DeriveKey("login-cookie-keys"), TagBytes);
}
