<?xml version="1.0" encoding="utf-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="html" />
  <xsl:template match="/">
    <html>
      <head>
        <title>Generated</title>
        <script src="generated.js"></script>
      </head>
      <body>
        <iframe name="sink" title="Sink" hidden="hidden"></iframe>
      </body>
    </html>
  </xsl:template>
</xsl:stylesheet>
